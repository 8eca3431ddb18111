using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// A delivery of Kafka: its offset in a partition, and its place among all deliveries of the receiver.
/// </summary>
internal sealed class KafkaDelivery : Delivery
{
    public KafkaDelivery(
        long place, PartitionProgress partition, long offset, Message message, string? problem, bool mayBeRepeated)
        : base(message, problem)
    {
        Place = place;
        Partition = partition;
        Offset = offset;
        MayBeRepeated = mayBeRepeated;
    }

    /// <summary>Gets the place by which deliveries are ordered.</summary>
    public long Place { get; }

    /// <summary>Gets the partition as assigned to the receiver; a new assignment is another object.</summary>
    public PartitionProgress Partition { get; }

    public long Offset { get; }

    public KafkaDelivery Redeliver() =>
        new(Place, Partition, Offset, Message, Problem, mayBeRepeated: true) { IsTombstone = IsTombstone };
}
