using Millrace.Messaging;

namespace Millrace.Tests.Receiving;

/// <summary>A delivered message with its position at the broker.</summary>
internal sealed class SimulatedDelivery(Message message, int partition, int offset) : Delivery(message)
{
    public int Partition { get; } = partition;

    public int Offset { get; } = offset;
}
