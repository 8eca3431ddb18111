namespace Millrace.Messaging.InMemory;

/// <summary>A delivery of the in-memory broker, with its number in the queue.</summary>
internal sealed class InMemoryDelivery : Delivery
{
    public InMemoryDelivery(long number, Message message, bool isRedelivered)
        : base(message)
    {
        Number = number;
        MayBeRepeated = isRedelivered;
    }

    public long Number { get; }
}
