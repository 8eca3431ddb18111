namespace Millrace.Messaging;

/// <summary>A delivery of the broker in memory, with its place in the queue.</summary>
internal sealed class InMemoryDelivery : Delivery
{
    public InMemoryDelivery(long number, Message message, bool isAgain)
        : base(message) => (Number, MayBeRepeated) = (number, isAgain);

    public long Number { get; }
}
