using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>A delivery of RabbitMQ, with its number on the channel.</summary>
internal sealed class RabbitMqDelivery : Delivery
{
    public RabbitMqDelivery(ulong tag, Message message, string? problem, bool mayBeRepeated)
        : base(message, problem)
    {
        Tag = tag;
        MayBeRepeated = mayBeRepeated;
    }

    public ulong Tag { get; }
}
