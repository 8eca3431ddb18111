using FsCheck;
using FsCheck.Fluent;
using Millrace.Consuming.Leases;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Property tests of the lease plan, for any nodes, partitions and holders.</summary>
public sealed class LeasePlanProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Nodes_that_can_run_everything_share_all_partitions_evenly_in_total_and_per_consumer() =>
        Prop.ForAll(Situations().ToArbitrary(), situation =>
        {
            var nodes = situation.Nodes.Select(name => Node(name, situation.Consumers)).ToList();
            var plan = LeasePlan.Make(situation.Shares, nodes);

            return nodes.Count == 0
                ? plan.All(share => share.Node is null)
                : Spread(plan, nodes) <= 1
                    && plan.GroupBy(share => share.Consumer).All(shares => Spread([.. shares], nodes) <= 1);
        }
            )
            .Check(Runs);

    [Fact]
    public void A_plan_is_stable_and_equal_on_every_node() =>
        Prop.ForAll(Situations().ToArbitrary(), situation =>
        {
            var nodes = situation.Nodes.Select(name => Node(name, situation.Consumers)).ToList();
            var plan = LeasePlan.Make(situation.Shares, nodes);

            return LeasePlan.Make(plan, nodes).SequenceEqual(plan)
                && LeasePlan.Make([.. situation.Shares], [.. nodes]).SequenceEqual(plan);
        }
            )
            .Check(Runs);

    [Fact]
    public void A_joining_or_leaving_node_moves_at_most_its_share_of_undivided_consumers() =>
        Prop.ForAll(
                Gen.Choose(1, 8)
                    .SelectMany(count => Gen.Choose(1, 40), (count, shares) => (count, shares))
                    .ToArbitrary(),
                sizes =>
                {
                    var shares = Enumerable
                        .Range(0, sizes.shares)
                        .Select(number => new PartitionAssignment($"c{number:00}", 0, null))
                        .ToList();
                    var names = shares.Select(share => share.Consumer).ToList();
                    var nodes = Enumerable.Range(0, sizes.count).Select(number => Node($"n{number}", names)).ToList();
                    var before = LeasePlan.Make(shares, nodes);
                    var newcomer = Node("new", nodes[0].Consumers);
                    var withNewcomer = LeasePlan.Make(before, [.. nodes, newcomer]);
                    var orphaned = before.Select(share => share with { Node = share.Node == "n0" ? null : share.Node });
                    var afterLeave = LeasePlan.Make([.. orphaned], [.. nodes[1..]]);

                    return Moved(before, withNewcomer).All(moved => moved.Node == "new")
                        && Moved(before, afterLeave).All(moved => moved.From == "n0");
                }
            )
            .Check(Runs);

    [Fact]
    public void Each_partition_is_assigned_to_a_node_that_can_run_it_if_such_a_node_exists() =>
        Prop.ForAll(Situations().ToArbitrary(), situation =>
        {
            var random = new Random(situation.Seed);
            var nodes = situation.Nodes
                .Select(name => Node(name, [.. situation.Consumers.Where(_ => random.Next(2) == 0)])).ToList();
            var plan = LeasePlan.Make(situation.Shares, nodes);

            return plan.All(share => share.Node is null
                ? !nodes.Any(node => node.Consumers.Contains(share.Consumer))
                : nodes.Single(node => node.Name == share.Node).Consumers.Contains(share.Consumer));
        }).Check(Runs);

    private static Gen<Situation> Situations() =>
        from nodes in Gen.Choose(0, 6)
        from partitions in Gen.Choose(1, 7).ListOf(8)
        from seed in Gen.Choose(0, int.MaxValue)
        select Situation.Create(nodes, [.. partitions], seed);

    private static NodeRecord Node(string name, IReadOnlyList<string> consumers) =>
        new() { Name = name, Since = default, Until = default, Consumers = consumers };

    /// <summary>Returns the largest difference between the numbers of partitions of two nodes.</summary>
    private static int Spread(IReadOnlyList<PartitionAssignment> plan, List<NodeRecord> nodes)
    {
        var loads = nodes.Select(node => plan.Count(share => share.Node == node.Name)).ToList();
        return loads.Max() - loads.Min();
    }

    private static IEnumerable<(string? From, string? Node)> Moved(
        IReadOnlyList<PartitionAssignment> before, IReadOnlyList<PartitionAssignment> after) =>
        before
            .Zip(after)
            .Where(pair => pair.First.Node != pair.Second.Node)
            .Select(pair => (pair.First.Node, pair.Second.Node));

    /// <summary>
    /// Partitions of several consumers. Each partition has no holder, or the holder is a current or a former node.
    /// </summary>
    private sealed record Situation(IReadOnlyList<string> Nodes, IReadOnlyList<PartitionAssignment> Shares, int Seed)
    {
        public IReadOnlyList<string> Consumers { get; } = [.. Shares.Select(share => share.Consumer).Distinct()];

        public static Situation Create(int nodes, IReadOnlyList<int> partitions, int seed)
        {
            var random = new Random(seed);
            var names = Enumerable.Range(0, nodes).Select(number => $"n{number}").ToList();
            var holders = random.Next(3) == 0 ? ["n0"] : (string?[])[.. names, "gone", null];
            var shares = partitions.SelectMany((count, consumer) => Enumerable.Range(0, count).Select(
                partition => new PartitionAssignment($"c{consumer}", partition, holders[random.Next(holders.Length)])));
            return new Situation(names, [.. shares], seed);
        }
    }
}
