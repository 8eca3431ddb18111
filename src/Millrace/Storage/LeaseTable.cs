namespace Millrace.Storage;

/// <summary>Nodes and consumers as they stand at one moment.</summary>
/// <param name="Now">That moment, by the clock that leases go by.</param>
/// <param name="Nodes">The nodes that are there, in order of their names.</param>
/// <param name="Consumers">All partitions of all consumers, in order of their names.</param>
public sealed record LeaseTable(
    DateTimeOffset Now, IReadOnlyList<NodeRecord> Nodes, IReadOnlyList<ConsumerRecord> Consumers)
{
    /// <summary>Whether somebody holds the lease on a partition at that moment.</summary>
    public bool IsHeld(ConsumerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Holder is not null && record.LeaseUntil > Now;
    }
}
