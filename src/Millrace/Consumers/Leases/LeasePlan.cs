using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Which node should work on which partition. A pure function of what stands in the store, so that all nodes come to
/// the same plan without talking to each other; leases and their epochs see to it that one is wrong for a moment
/// without harm.
/// </summary>
/// <remarks>
/// Where all nodes can run all consumers, no two differ by more than one partition, neither of one consumer nor in all.
/// Partitions stay where they are unless moving one makes that better.
/// </remarks>
internal sealed class LeasePlan
{
    private const int Unassigned = -1;

    private readonly IReadOnlyList<PartitionAssignment> _shares;
    private readonly string[] _nodes;
    private readonly int[] _consumerOf;
    private readonly int[] _target;
    private readonly int[] _load;
    private readonly int[,] _count; // By node and consumer.
    private readonly bool[,] _canRun;
    private readonly int _consumers;

    private LeasePlan(IReadOnlyList<PartitionAssignment> shares, IReadOnlyList<NodeRecord> nodes)
    {
        _shares = shares;
        _nodes = [.. nodes.Select(node => node.Name)];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        _consumerOf = new int[shares.Count];
        for (var i = 0; i < shares.Count; i++)
        {
            names.TryAdd(shares[i].Consumer, names.Count);
            _consumerOf[i] = names[shares[i].Consumer];
        }
        _consumers = names.Count;
        (_target, _load) = (new int[shares.Count], new int[_nodes.Length]);
        (_count, _canRun) = (new int[_nodes.Length, _consumers], new bool[_nodes.Length, _consumers]);
        for (var node = 0; node < _nodes.Length; node++)
        {
            foreach (var consumer in nodes[node].Consumers)
            {
                if (names.TryGetValue(consumer, out var number))
                    _canRun[node, number] = true;
            }
        }
    }

    /// <summary>Makes a plan.</summary>
    /// <param name="shares">All partitions with those who hold them, in an order that is the same on every
    /// node.</param>
    /// <param name="nodes">The nodes that are there, likewise.</param>
    /// <returns>The same partitions with those who should work on them; null where no node can.</returns>
    public static IReadOnlyList<PartitionAssignment> Make(
        IReadOnlyList<PartitionAssignment> shares, IReadOnlyList<NodeRecord> nodes)
    {
        var plan = new LeasePlan(shares, nodes);
        plan.KeepCurrentHolders();
        plan.AssignFree();
        plan.Balance();
        plan.SpreadConsumers();
        return plan.Shares();
    }

    private void KeepCurrentHolders()
    {
        for (var i = 0; i < _target.Length; i++)
        {
            var holder = _shares[i].Node is { } name ? Array.IndexOf(_nodes, name) : Unassigned;
            _target[i] = Unassigned;
            if (holder != Unassigned && CanRun(holder, i))
                Put(i, holder);
        }
    }

    /// <summary>Each goes to the node with least to do, and among those to the one with least of its
    /// consumer.</summary>
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
                Put(i, best);
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

    /// <summary>Moves and swaps partitions until those of one consumer are spread as evenly, without making all less
    /// even.</summary>
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
                i = Unassigned; // Each step makes the spread better, so this ends: begin anew.
                break;
            }
        }
    }

    /// <summary>A partition on a node that may go to where another comes from.</summary>
    private int? FindExchange(int share, int node)
    {
        for (var i = 0; i < _target.Length; i++)
        {
            if (_target[i] == node && Count(node, i) > Count(_target[share], i) && CanRun(_target[share], i))
                return i;
        }
        return null;
    }

    private bool CanRun(int node, int share) => _canRun[node, _consumerOf[share]];

    private int Count(int node, int share) => _count[node, _consumerOf[share]];

    private void Put(int share, int node)
    {
        _target[share] = node;
        _load[node]++;
        _count[node, _consumerOf[share]]++;
    }

    private void Move(int share, int node)
    {
        _load[_target[share]]--;
        _count[_target[share], _consumerOf[share]]--;
        Put(share, node);
    }

    private void Swap(int one, int other)
    {
        var (first, second) = (_target[one], _target[other]);
        Move(one, second);
        Move(other, first);
    }

    private PartitionAssignment[] Shares()
    {
        var shares = new PartitionAssignment[_target.Length];
        for (var i = 0; i < shares.Length; i++)
            shares[i] = _shares[i] with { Node = _target[i] == Unassigned ? null : _nodes[_target[i]] };
        return shares;
    }
}
