using Millrace.Scaling;

namespace Millrace.Notifications.Tests.Scaling;

/// <summary>Tests of the decisions about the number of nodes with simulated load and time.</summary>
public sealed class CapacityControllerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Random_loads_stay_within_bounds_pause_after_each_change_and_do_not_oscillate()
    {
        for (var seed = 1; seed <= (TestRun.IsLong ? 10_000 : 1_000); seed++)
            Simulate(seed, new Random(seed));
    }

    [Fact]
    public void Nodes_are_added_after_the_load_was_high_for_the_time_and_not_for_a_short_peak()
    {
        var controller = new CapacityController(new CapacityOptions());

        Assert.Null(controller.Decide(Start, new(2, 0.9, 0), CapacityRecord.None));
        Assert.Null(controller.Decide(Start.AddMinutes(2), new(2, 0.5, 0), CapacityRecord.None));
        Assert.Null(controller.Decide(Start.AddMinutes(3), new(2, 0.9, 0), CapacityRecord.None));
        var added = controller.Decide(Start.AddMinutes(6), new(2, 0.9, 0), CapacityRecord.None);

        Assert.Equal((3, 2, CapacityReason.Cpu), (added!.Nodes, added.PreviousNodes, added.Reason));
    }

    [Fact]
    public void A_node_is_removed_only_if_the_others_can_do_its_work_and_no_consumer_is_late()
    {
        var options = new CapacityOptions();

        Assert.Equal((1, CapacityReason.Idle), Settled(options, new(2, 0.2, 0)));
        Assert.Null(Settled(options, new(2, 0.26, 0)));
        Assert.Null(Settled(options, new(2, 0.2, 16)));
        Assert.Null(Settled(options, new(1, 0, 0)));
    }

    [Fact]
    public void Lost_nodes_do_not_lower_the_number_that_was_set()
    {
        var controller = new CapacityController(new CapacityOptions { MaxNodes = 8 });
        var record = new CapacityRecord { Nodes = 4, ChangedAt = Start.AddHours(-1) };

        Assert.Null(controller.Decide(Start, new(2, 0.95, 0), record));
        var added = controller.Decide(Start.AddMinutes(5), new(2, 0.95, 0), record);

        Assert.Equal((5, 4), (added!.Nodes, added.PreviousNodes));
        Assert.Null(new CapacityController(new CapacityOptions()).Decide(Start, default, record));
    }

    [Fact]
    public void A_lag_that_more_nodes_did_not_reduce_adds_no_further_nodes()
    {
        var controller = new CapacityController(new CapacityOptions { MaxNodes = 8 });
        var record = CapacityRecord.None;
        var added = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            var now = Start.AddMinutes(minute);
            var load = new CapacityLoad(record.Nodes ?? 2, 0.3, 600); // A handler that is stuck.
            if (controller.Decide(now, load, record) is not { } decision)
                continue;
            added++;
            record = record.With(ChangeOf(decision, now), load.LagSeconds);
        }

        Assert.Equal((1, 3), (added, record.Nodes));
    }

    [Fact]
    public void Nodes_that_were_added_for_a_lag_stay_for_hours_and_longer_the_next_time()
    {
        var controller = new CapacityController(new CapacityOptions());
        var record = CapacityRecord.None;
        var changes = new List<(int Nodes, double Hours)>();
        for (var minute = 0; minute < 48 * 60; minute++)
        {
            var now = Start.AddMinutes(minute);
            var nodes = record.Nodes ?? 2;
            // A handler that waits for a service: two nodes are too slow for it, three are enough.
            if (controller.Decide(now, new(nodes, 0.1, nodes < 3 ? 90 : 0), record) is not { } decision)
                continue;
            changes.Add((decision.Nodes, minute / 60.0));
            record = record.With(ChangeOf(decision, now), 90);
        }

        Assert.InRange(changes.Count, 6, 12); // Without the hold there would be about a hundred.
        var removals = changes.Where(static change => change.Nodes == 2).Select(static change => change.Hours).ToList();
        Assert.True(removals[1] - removals[0] > 1.5 * removals[0]);
    }

    [Fact]
    public void A_number_outside_the_bounds_is_corrected()
    {
        Assert.Equal(
            (3, CapacityReason.Bounds),
            Settled(new CapacityOptions { MinNodes = 3, MaxNodes = 5 }, new(1, 0.6, 0)));
        Assert.Equal(
            (5, CapacityReason.Bounds),
            Settled(new CapacityOptions { MinNodes = 3, MaxNodes = 5 }, new(9, 0.6, 0)));
    }

    private static (int Nodes, CapacityReason Reason)? Settled(CapacityOptions options, CapacityLoad load)
    {
        var controller = new CapacityController(options);
        CapacityDecision? last = null;
        for (var minute = 0; minute <= 30 && last is null; minute++)
            last = controller.Decide(Start.AddMinutes(minute), load, CapacityRecord.None);
        return last is null ? null : (last.Nodes, last.Reason);
    }

    private static CapacityChange ChangeOf(CapacityDecision decision, DateTimeOffset at) => new()
    {
        Id = "1",
        Nodes = decision.Nodes,
        PreviousNodes = decision.PreviousNodes,
        Reason = decision.Reason,
        Explanation = decision.Explanation,
        At = at,
        State = CapacityState.Done,
    };

    /// <summary>
    /// Runs twelve hours with phases of constant work. Nodes start and stop with a delay, and sometimes a node is lost.
    /// </summary>
    private static void Simulate(int seed, Random random)
    {
        var options = new CapacityOptions
        {
            MinNodes = random.Next(1, 4),
            MaxNodes = random.Next(4, 12),
            CoolDown = TimeSpan.FromMinutes(random.Next(5, 20)),
        };
        Assert.Empty(options.Problems());
        var controller = new CapacityController(options);
        var (record, running, work, since) = (CapacityRecord.None, random.Next(1, 12), 1.0, Start);
        var changesOfPhase = new List<CapacityDecision>();
        for (var now = Start; now < Start.AddHours(12); now += TimeSpan.FromSeconds(30))
        {
            if (now == Start || now - since > TimeSpan.FromHours(3))
                (work, since, changesOfPhase) = (random.NextDouble() * 8, now, []);
            if (record.Nodes is { } wanted && now - record.ChangedAt > TimeSpan.FromMinutes(2))
                running += Math.Sign(wanted - running);
            var seen = random.Next(200) == 0 ? Math.Max(1, running - 1) : running;
            var noise = 1 + (0.1 * (random.NextDouble() - 0.5));
            var load = new CapacityLoad(seen, Math.Min(1, noise * work / seen), 0);
            if (controller.Decide(now, load, record) is not { } decision)
                continue;
            Assert.InRange(decision.Nodes, options.MinNodes, options.MaxNodes);
            Assert.NotEqual(decision.PreviousNodes, decision.Nodes);
            Assert.True(record.ChangedAt is null || now - record.ChangedAt >= options.CoolDown, $"seed {seed}");
            changesOfPhase.Add(decision);
            record = record.With(ChangeOf(decision, now), 0);
            var turns = changesOfPhase.Zip(changesOfPhase.Skip(1))
                .Count(static pair => IsUp(pair.First) != IsUp(pair.Second));
            Assert.True(turns <= 1, $"Seed {seed}: the number oscillates: {string.Join(", ", changesOfPhase)}");
        }
    }

    private static bool IsUp(CapacityDecision decision) => decision.Nodes > decision.PreviousNodes;
}
