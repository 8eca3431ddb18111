using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// A delivery of Kafka, with its offset in a partition, and its order among all deliveries of the receiver.
/// </summary>
internal sealed class KafkaDelivery : Delivery
{
    public KafkaDelivery(
        long order, PartitionProgress partition, long offset, Message message, string? problem, bool mayBeRepeated)
        : base(message, problem)
    {
        Order = order;
        Partition = partition;
        Offset = offset;
        MayBeRepeated = mayBeRepeated;
    }

    /// <summary>Gets the number by which deliveries of all partitions are ordered.</summary>
    public long Order { get; }

    /// <summary>Gets the partition as assigned to the receiver; a new assignment is another object.</summary>
    public PartitionProgress Partition { get; }

    public long Offset { get; }

    public KafkaDelivery Redeliver() =>
        new(Order, Partition, Offset, Message, Problem, mayBeRepeated: true) { IsTombstone = IsTombstone };
}
