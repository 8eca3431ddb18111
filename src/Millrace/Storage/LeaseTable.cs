namespace Millrace.Storage;

/// <summary>The nodes and consumers of a store at a single moment.</summary>
/// <param name="Now">The moment, according to the clock of the leases.</param>
/// <param name="Nodes">The announced nodes, ordered by name.</param>
/// <param name="Consumers">All partitions of all consumers, ordered by name.</param>
public sealed record LeaseTable(
    DateTimeOffset Now, IReadOnlyList<NodeRecord> Nodes, IReadOnlyList<ConsumerRecord> Consumers)
{
    /// <summary>Returns whether a node holds the lease on a partition at that moment.</summary>
    public bool IsHeld(ConsumerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Holder is not null && record.LeaseUntil > Now;
    }
}
