using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>A delivery of Kafka: its offset in a partition, and its place among all that the receiver was
/// given.</summary>
internal sealed class KafkaDelivery : Delivery
{
    public KafkaDelivery(
        long place, PartitionProgress partition, long offset, Message message, string? problem, bool mayBeRepeated)
        : base(message, problem) =>
        (Place, Partition, Offset, MayBeRepeated) = (place, partition, offset, mayBeRepeated);

    /// <summary>By which deliveries are handed over.</summary>
    public long Place { get; }

    /// <summary>The partition, as the receiver has it: when it gets it again, that is another.</summary>
    public PartitionProgress Partition { get; }

    public long Offset { get; }

    public KafkaDelivery Redeliver() =>
        new(Place, Partition, Offset, Message, Problem, mayBeRepeated: true) { IsTombstone = IsTombstone };
}
