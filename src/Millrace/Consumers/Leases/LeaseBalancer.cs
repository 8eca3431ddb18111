using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What a node should take and give up, look by look. Free partitions are taken at once by the node that they are
/// planned for, and a while later by any; held ones move only when the nodes have stayed the same for a while, so that
/// several that come one after the other cause one move and not many.
/// </summary>
internal sealed class LeaseBalancer(string node, TimeSpan settleTime)
{
    private IReadOnlyList<PartitionAssignment> _shares = [];
    private IReadOnlyList<NodeRecord> _nodes = [];
    private Dictionary<(string Consumer, int Partition), string?> _plan = [];
    private Dictionary<(string Consumer, int Partition), DateTimeOffset> _freeSince = [];
    private IReadOnlyList<ConsumerRecord>? _records;
    private DateTimeOffset _holdUntil; // The next moment at which a lease runs out.
    private DateTimeOffset _now;
    private DateTimeOffset _sameSince;
    private bool _isSettled;

    /// <summary>Notes how all stands.</summary>
    /// <param name="table">What the store says.</param>
    /// <param name="consumers">What this node can run, whatever the store says of it.</param>
    public void Note(LeaseTable table, IReadOnlyList<string> consumers)
    {
        var nodes = IncludingThisNode(table, consumers);
        if (!HaveSameNames(nodes, _nodes))
            _sameSince = table.Now;
        _isSettled = table.Now - _sameSince >= settleTime;
        if (ReferenceEquals(table.Consumers, _records) && table.Now < _holdUntil && HaveSameConsumers(nodes, _nodes))
        {
            _now = table.Now;
            return; // The storage has told that nothing was written.
        }
        _records = table.Consumers;
        _holdUntil = table
            .Consumers.Where(table.IsHeld)
            .Select(record => record.LeaseUntil)
            .DefaultIfEmpty(DateTimeOffset.MaxValue)
            .Min();
        var shares = Shares(table, nodes);
        _now = table.Now;
        _freeSince = shares.Where(share => share.Node is null).Select(share => (share.Consumer, share.Partition))
            .ToDictionary(free => free, free => _freeSince.GetValueOrDefault(free, _now));
        if (shares.SequenceEqual(_shares) && HaveSameConsumers(nodes, _nodes))
            return;
        (_shares, _nodes) = (shares, nodes);
        _plan = LeasePlan
            .Make(shares, nodes)
            .ToDictionary(share => (share.Consumer, share.Partition), share => share.Node);
    }

    /// <summary>Whether this node should take a partition that is free: it is planned for it, or the one that it is for
    /// does not.</summary>
    public bool Takes(string consumer, int partition) =>
        _plan.GetValueOrDefault((consumer, partition)) == node
        || (_freeSince.TryGetValue((consumer, partition), out var since) && _now - since >= 2 * settleTime);

    /// <summary>The node to which this one should leave a partition that it holds; null to keep it.</summary>
    public string? SuccessorOf(string consumer, int partition) =>
        _isSettled && _plan.GetValueOrDefault((consumer, partition)) is { } other && other != node ? other : null;

    /// <summary>This node counts as there, also when it has not shown itself in time.</summary>
    private List<NodeRecord> IncludingThisNode(LeaseTable table, IReadOnlyList<string> consumers)
    {
        var nodes = table.Nodes.Where(other => other.Name != node).ToList();
        var place = nodes.TakeWhile(other => string.CompareOrdinal(other.Name, node) < 0).Count();
        nodes.Insert(
            place,
            new NodeRecord
            {
                Name = node,
                Since = table.Now,
                Until = table.Now,
                Consumers = consumers,
            }
        );
        return nodes;
    }

    /// <summary>The partitions that somebody can run, each with who holds it now.</summary>
    private static List<PartitionAssignment> Shares(LeaseTable table, List<NodeRecord> nodes)
    {
        var wanted = new SortedSet<string>(nodes.SelectMany(one => one.Consumers), StringComparer.Ordinal);
        var shares = new List<PartitionAssignment>();
        foreach (var record in table.Consumers)
        {
            // What a node holds that has not shown itself stays there until its lease has run out.
            var isElsewhere = table.IsHeld(record) && !nodes.Exists(one => one.Name == record.Holder);
            if (wanted.Contains(record.Consumer) && !isElsewhere)
                shares.Add(
                    new PartitionAssignment(
                        record.Consumer, record.Partition, table.IsHeld(record) ? record.Holder : null));
        }
        var known = table.Consumers.Select(record => record.Consumer).ToHashSet(StringComparer.Ordinal);
        shares.AddRange(
            wanted.Where(name => !known.Contains(name)).Select(name => new PartitionAssignment(name, 0, null)));
        shares.Sort(
            static (one, other) =>
            {
                var byName = string.CompareOrdinal(one.Consumer, other.Consumer);
                return byName != 0 ? byName : one.Partition.CompareTo(other.Partition);
            }
        );
        return shares;
    }

    private static bool HaveSameNames(IReadOnlyList<NodeRecord> nodes, IReadOnlyList<NodeRecord> others) =>
        nodes.Select(one => one.Name).SequenceEqual(others.Select(one => one.Name));

    private static bool HaveSameConsumers(IReadOnlyList<NodeRecord> nodes, IReadOnlyList<NodeRecord> others) =>
        HaveSameNames(nodes, others)
        && nodes.Zip(others).All(pair => pair.First.Consumers.SequenceEqual(pair.Second.Consumers));
}
