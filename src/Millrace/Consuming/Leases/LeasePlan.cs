using Millrace.Storage;

namespace Millrace.Consuming.Leases;

/// <summary>
/// The assignment of partitions to nodes. A pure function of the stored state, so that all nodes compute the same plan
/// without communication. A plan that is wrong for a moment is harmless, because leases and their epochs prevent
/// conflicting writes.
/// </summary>
/// <remarks>
/// When all nodes can run all consumers, no two nodes differ by more than one partition, neither of one consumer nor in
/// total. A partition stays where it is unless a move makes the distribution more even.
/// </remarks>
internal sealed class LeasePlan
{
    private const int Unassigned = -1;

    private readonly IReadOnlyList<PartitionAssignment> _partitions;
    private readonly string[] _nodes;
    private readonly int[] _consumerOf;
    private readonly int[] _target;
    private readonly int[] _load;
    private readonly int[,] _count; // By node and consumer.
    private readonly bool[,] _canRun;
    private readonly int _consumers;

    private LeasePlan(IReadOnlyList<PartitionAssignment> partitions, IReadOnlyList<NodeRecord> nodes)
    {
        _partitions = partitions;
        _nodes = [.. nodes.Select(node => node.Name)];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        _consumerOf = new int[partitions.Count];
        for (var i = 0; i < partitions.Count; i++)
        {
            names.TryAdd(partitions[i].Consumer, names.Count);
            _consumerOf[i] = names[partitions[i].Consumer];
        }
        _consumers = names.Count;
        _target = new int[partitions.Count];
        _load = new int[_nodes.Length];
        _count = new int[_nodes.Length, _consumers];
        _canRun = new bool[_nodes.Length, _consumers];
        for (var node = 0; node < _nodes.Length; node++)
        {
            foreach (var consumer in nodes[node].Consumers)
            {
                if (names.TryGetValue(consumer, out var number))
                    _canRun[node, number] = true;
            }
        }
    }

    /// <summary>Creates a plan.</summary>
    /// <param name="partitions">All partitions with their holders, in the same order on every node.</param>
    /// <param name="nodes">The nodes that are present, in the same order on every node.</param>
    /// <returns>The same partitions with the nodes that should run them; null where no node can.</returns>
    public static IReadOnlyList<PartitionAssignment> Make(
        IReadOnlyList<PartitionAssignment> partitions, IReadOnlyList<NodeRecord> nodes)
    {
        var plan = new LeasePlan(partitions, nodes);
        plan.KeepCurrentHolders();
        plan.AssignFree();
        plan.Balance();
        plan.SpreadConsumers();
        return plan.ToAssignments();
    }

    private void KeepCurrentHolders()
    {
        for (var i = 0; i < _target.Length; i++)
        {
            var holder = _partitions[i].Node is { } name ? Array.IndexOf(_nodes, name) : Unassigned;
            _target[i] = Unassigned;
            if (holder != Unassigned && CanRun(holder, i))
                Assign(i, holder);
        }
    }

    /// <summary>
    /// Assigns each free partition to the node with the fewest partitions. Of several such nodes, takes the one with
    /// the fewest partitions of the same consumer.
    /// </summary>
    private void AssignFree()
    {
        for (var i = 0; i < _target.Length; i++)
        {
            if (_target[i] != Unassigned)
                continue;
            var best = Unassigned;
            for (var node = 0; node < _nodes.Length; node++)
            {
                if (CanRun(node, i)
                    && (
                        best == Unassigned || (_load[node], Count(node, i)).CompareTo((_load[best], Count(best, i))) < 0
                    )
                )
                    best = node;
            }
            if (best != Unassigned)
                Assign(i, best);
        }
    }

    /// <summary>Moves partitions until no two nodes that could share them differ by more than one.</summary>
    private void Balance()
    {
        while (true)
        {
            var (best, to, gain) = (Unassigned, Unassigned, (Load: 1, Count: int.MinValue));
            for (var i = 0; i < _target.Length; i++)
            {
                for (var node = 0; _target[i] != Unassigned && node < _nodes.Length; node++)
                {
                    var gained = (_load[_target[i]] - _load[node], Count(_target[i], i) - Count(node, i));
                    if (gained.Item1 > 1 && gained.CompareTo(gain) > 0 && CanRun(node, i))
                        (best, to, gain) = (i, node, gained);
                }
            }
            if (best == Unassigned)
                return;
            Move(best, to);
        }
    }

    /// <summary>
    /// Moves and swaps partitions until the partitions of each consumer are also spread evenly. The totals of the nodes
    /// do not become less even.
    /// </summary>
    private void SpreadConsumers()
    {
        for (var i = 0; i < _target.Length; i++)
        {
            for (var node = 0; _target[i] != Unassigned && node < _nodes.Length; node++)
            {
                if (Count(_target[i], i) - Count(node, i) < 2 || !CanRun(node, i))
                    continue;
                if (_load[_target[i]] > _load[node])
                    Move(i, node);
                else if (FindExchange(i, node) is { } other)
                    Swap(i, other);
                else
                    continue;
                i = Unassigned; // Each step improves the distribution, so the loop ends. Start again.
                break;
            }
        }
    }

    /// <summary>Returns a partition of the node that can move to the node of the given partition.</summary>
    private int? FindExchange(int partition, int node)
    {
        for (var i = 0; i < _target.Length; i++)
        {
            if (_target[i] == node && Count(node, i) > Count(_target[partition], i) && CanRun(_target[partition], i))
                return i;
        }
        return null;
    }

    private bool CanRun(int node, int partition) => _canRun[node, _consumerOf[partition]];

    private int Count(int node, int partition) => _count[node, _consumerOf[partition]];

    private void Assign(int partition, int node)
    {
        _target[partition] = node;
        _load[node]++;
        _count[node, _consumerOf[partition]]++;
    }

    private void Move(int partition, int node)
    {
        _load[_target[partition]]--;
        _count[_target[partition], _consumerOf[partition]]--;
        Assign(partition, node);
    }

    private void Swap(int one, int other)
    {
        var (first, second) = (_target[one], _target[other]);
        Move(one, second);
        Move(other, first);
    }

    private PartitionAssignment[] ToAssignments()
    {
        var assignments = new PartitionAssignment[_target.Length];
        for (var i = 0; i < assignments.Length; i++)
            assignments[i] = _partitions[i] with { Node = _target[i] == Unassigned ? null : _nodes[_target[i]] };
        return assignments;
    }
}
