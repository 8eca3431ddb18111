using Millrace.Storage;

namespace Millrace.Consuming.Leases;

/// <summary>
/// Decides at each check which partitions a node should take and release. The plan assigns a free partition to a node,
/// which takes it at once. If that node does not, any node takes it after a while. A held partition moves only after
/// the nodes have stayed the same for a while, so that several nodes that start one after the other cause one move.
/// </summary>
internal sealed class LeaseBalancer(string node, TimeSpan settleTime)
{
    private IReadOnlyList<PartitionAssignment> _assignments = [];
    private IReadOnlyList<NodeRecord> _nodes = [];
    private Dictionary<(string Consumer, int Partition), string?> _plan = [];
    private Dictionary<(string Consumer, int Partition), DateTimeOffset> _freeSince = [];
    private IReadOnlyList<ConsumerRecord>? _records;
    private DateTimeOffset _nextExpiry; // The next time at which a lease expires.
    private DateTimeOffset _now;
    private DateTimeOffset _nodesSameSince;
    private bool _isSettled;

    /// <summary>Records the state of leases and nodes.</summary>
    /// <param name="table">The stored state.</param>
    /// <param name="consumers">The consumers that this node can run, whatever the stored state contains.</param>
    public void Note(LeaseTable table, IReadOnlyList<string> consumers)
    {
        var nodes = IncludingThisNode(table, consumers);
        if (!HaveSameNames(nodes, _nodes))
            _nodesSameSince = table.Now;
        _isSettled = table.Now - _nodesSameSince >= settleTime;
        if (ReferenceEquals(table.Consumers, _records) && table.Now < _nextExpiry && HaveSameConsumers(nodes, _nodes))
        {
            _now = table.Now;
            return; // The table has not changed since the last check.
        }
        _records = table.Consumers;
        _nextExpiry = table
            .Consumers.Where(table.IsHeld)
            .Select(record => record.LeaseUntil)
            .DefaultIfEmpty(DateTimeOffset.MaxValue)
            .Min();
        var assignments = ListAssignments(table, nodes);
        _now = table.Now;
        _freeSince = assignments
            .Where(assignment => assignment.Node is null)
            .Select(assignment => (assignment.Consumer, assignment.Partition))
            .ToDictionary(free => free, free => _freeSince.GetValueOrDefault(free, _now));
        if (assignments.SequenceEqual(_assignments) && HaveSameConsumers(nodes, _nodes))
            return;
        _assignments = assignments;
        _nodes = nodes;
        _plan = LeasePlan
            .Make(assignments, nodes)
            .ToDictionary(assignment => (assignment.Consumer, assignment.Partition), assignment => assignment.Node);
    }

    /// <summary>
    /// Returns true when this node should take a free partition: the plan assigns it to this node, or the assigned node
    /// has not taken it in time.
    /// </summary>
    public bool Takes(string consumer, int partition) =>
        _plan.GetValueOrDefault((consumer, partition)) == node
        || (_freeSince.TryGetValue((consumer, partition), out var freeSince) && _now - freeSince >= 2 * settleTime);

    /// <summary>
    /// Returns the node to which this node should hand over a partition that it holds; null to keep it.
    /// </summary>
    public string? SuccessorOf(string consumer, int partition) =>
        _isSettled && _plan.GetValueOrDefault((consumer, partition)) is { } other && other != node ? other : null;

    /// <summary>
    /// Returns the nodes including this one. This node counts as present even if it has not announced itself in time.
    /// </summary>
    private List<NodeRecord> IncludingThisNode(LeaseTable table, IReadOnlyList<string> consumers)
    {
        var nodes = table.Nodes.Where(other => other.Name != node).ToList();
        var index = nodes.TakeWhile(other => string.CompareOrdinal(other.Name, node) < 0).Count();
        nodes.Insert(
            index,
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

    /// <summary>Returns the partitions that some node can run, each with its current holder.</summary>
    private static List<PartitionAssignment> ListAssignments(LeaseTable table, List<NodeRecord> nodes)
    {
        var runnable = new SortedSet<string>(nodes.SelectMany(one => one.Consumers), StringComparer.Ordinal);
        var assignments = new List<PartitionAssignment>();
        foreach (var record in table.Consumers)
        {
            // A partition of a node that has not announced itself stays there until its lease has expired.
            var isElsewhere = table.IsHeld(record) && !nodes.Exists(one => one.Name == record.Holder);
            if (runnable.Contains(record.Consumer) && !isElsewhere)
                assignments.Add(
                    new PartitionAssignment(
                        record.Consumer, record.Partition, table.IsHeld(record) ? record.Holder : null));
        }
        var known = table.Consumers.Select(record => record.Consumer).ToHashSet(StringComparer.Ordinal);
        assignments.AddRange(
            runnable.Where(name => !known.Contains(name)).Select(name => new PartitionAssignment(name, 0, null)));
        assignments.Sort(
            static (one, other) =>
            {
                var byName = string.CompareOrdinal(one.Consumer, other.Consumer);
                return byName != 0 ? byName : one.Partition.CompareTo(other.Partition);
            }
        );
        return assignments;
    }

    private static bool HaveSameNames(IReadOnlyList<NodeRecord> nodes, IReadOnlyList<NodeRecord> others) =>
        nodes.Select(one => one.Name).SequenceEqual(others.Select(one => one.Name));

    private static bool HaveSameConsumers(IReadOnlyList<NodeRecord> nodes, IReadOnlyList<NodeRecord> others) =>
        HaveSameNames(nodes, others)
        && nodes.Zip(others).All(pair => pair.First.Consumers.SequenceEqual(pair.Second.Consumers));
}
