using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Scaling;
using Millrace.Storage.InMemory;

namespace Millrace.Notifications.Tests.Scaling;

/// <summary>Tests that decisions are stored, carried out once, and repeated after a failure.</summary>
public sealed class CapacityRunTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly RecordingHook _hook = new();
    private EventStore _store = null!; // Set before each test.

    public async Task InitializeAsync() => _store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_decision_is_stored_and_carried_out_and_a_pause_follows()
    {
        var run = NewRun();

        for (var minute = 0; minute <= 12; minute++)
            await run.Run(Start.AddMinutes(minute), Busy(2), CancellationToken.None);

        var change = Assert.Single(_hook.Calls);
        var status = await Capacity.Of(_store).GetStatus();
        Assert.Equal((3, 2), (change.Nodes, change.PreviousNodes));
        Assert.Equal((3, 1, 8), (status.Nodes, status.MinNodes, status.MaxNodes));
        var stored = Assert.Single(status.Changes);
        Assert.Equal((change.Id, CapacityState.Done, 1), (stored.Id, stored.State, stored.Attempts));
        Assert.Equal(Start.AddMinutes(13), status.CoolsDownUntil);
    }

    [Fact]
    public async Task A_hook_that_fails_is_called_again_with_the_same_change_and_given_up_after_five_calls()
    {
        _hook.Error = new InvalidOperationException("The quota is used up.");
        var run = NewRun();

        for (var second = 0; second <= 12 * 60; second += 15)
            await run.Run(Start.AddSeconds(second), Busy(2), CancellationToken.None);

        Assert.Equal(5, _hook.Calls.Count);
        Assert.Single(_hook.Calls.Select(call => call.Id).Distinct());
        var status = await Capacity.Of(_store).GetStatus();
        var change = Assert.Single(status.Changes);
        Assert.Equal(2, status.Nodes); // The next decision does not count nodes that were never started.
        Assert.Equal((CapacityState.Failed, "The quota is used up."), (change.State, change.Error));
    }

    [Fact]
    public async Task The_next_node_repeats_the_call_of_a_killed_node_after_its_time_limit_and_not_before()
    {
        var killed = NewRun();
        using var kill = new CancellationTokenSource();
        _hook.OnCall = kill.Cancel;
        await killed.Run(Start, Busy(2), kill.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => killed.Run(Start.AddMinutes(3), Busy(2), kill.Token));
        _hook.OnCall = null;
        var next = NewRun();

        await next.Run(Start.AddMinutes(3).AddSeconds(59), Busy(2), CancellationToken.None);
        var early = _hook.Calls.Count;
        await next.Run(Start.AddMinutes(4), Busy(2), CancellationToken.None);

        Assert.Equal((1, 2), (early, _hook.Calls.Count));
        Assert.Single(_hook.Calls.Select(call => call.Id).Distinct());
        Assert.Equal(
            CapacityState.Done, Assert.Single((await Capacity.Of(_store).GetStatus()).Changes).State);
    }

    [Fact]
    public async Task A_dry_run_records_the_decision_and_does_not_call_the_hook()
    {
        var run = NewRun(new CapacityOptions { IsDryRun = true });

        await run.Run(Start, Busy(2), CancellationToken.None);
        await run.Run(Start.AddMinutes(3), Busy(2), CancellationToken.None);

        Assert.Empty(_hook.Calls);
        var capacity = Capacity.Of(_store);
        var status = await capacity.GetStatus();
        var change = Assert.Single(status.Changes);
        Assert.Equal((CapacityState.DryRun, 3, 2), (change.State, change.Nodes, status.Nodes));
        await capacity.SetNodes(4, "ada", "a try");
        await run.Run(Start.AddMinutes(4), Busy(2), CancellationToken.None);
        Assert.Empty(_hook.Calls);
        status = await capacity.GetStatus();
        Assert.Equal((CapacityState.DryRun, 2), (status.Changes[0].State, status.Nodes));
    }

    [Fact]
    public async Task The_number_is_known_when_it_is_stable_and_rises_with_nodes_that_others_started()
    {
        var run = NewRun(new CapacityOptions { MinNodes = 2, MaxNodes = 8 });

        await run.Run(Start, Calm(1), CancellationToken.None); // The first of five nodes has started.
        for (var second = 15; second < 170; second += 15)
            await run.Run(Start.AddSeconds(second), Calm(5), CancellationToken.None);
        var starting = await Capacity.Of(_store).GetStatus();
        await run.Run(Start.AddSeconds(200), Calm(5), CancellationToken.None);
        var stable = await Capacity.Of(_store).GetStatus();

        Assert.Equal((null, 5), (starting.Nodes, stable.Nodes));
        Assert.Empty(_hook.Calls);
    }

    [Fact]
    public async Task An_operator_sets_the_number_within_the_bounds_and_one_change_at_a_time()
    {
        var capacity = Capacity.Of(_store);
        await Assert.ThrowsAsync<CapacityConflictException>(() => capacity.SetNodes(3, "ada", "sale"));
        var run = NewRun();
        await run.Run(Start.AddMinutes(-3), Calm(2), CancellationToken.None);
        await run.Run(Start, Calm(2), CancellationToken.None);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => capacity.SetNodes(9, "ada", "sale"));
        await capacity.SetNodes(5, "ada", "sale");
        await Assert.ThrowsAsync<CapacityConflictException>(() => capacity.SetNodes(4, "bob", "less"));
        await run.Run(Start.AddSeconds(15), Calm(2), CancellationToken.None);

        var call = Assert.Single(_hook.Calls);
        Assert.Equal((5, 2, CapacityReason.Operator, "ada"), (call.Nodes, call.PreviousNodes, call.Reason, call.By));
        Assert.Equal(CapacityState.Done, (await capacity.GetStatus()).Changes[0].State);
    }

    [Fact]
    public async Task Only_the_last_hundred_changes_are_stored()
    {
        var run = NewRun(new CapacityOptions { MaxNodes = 8, CoolDown = TimeSpan.FromSeconds(1) });
        await run.Run(Start.AddMinutes(-3), Calm(2), CancellationToken.None);
        await run.Run(Start, Calm(2), CancellationToken.None);
        var capacity = Capacity.Of(_store);

        for (var i = 1; i <= 110; i++)
        {
            await capacity.SetNodes(2 + (i % 2), "ada", "test");
            await run.Run(Start.AddMinutes(i), Calm(2), CancellationToken.None);
        }

        Assert.Equal(110, _hook.Calls.Count);
        Assert.Equal(100, (await capacity.GetStatus()).Changes.Count);
    }

    private static IReadOnlyList<MetricSample> Busy(int nodes) => Samples(nodes, 0.9);

    private static IReadOnlyList<MetricSample> Calm(int nodes) => Samples(nodes, 0.6);

    private static IReadOnlyList<MetricSample> Samples(int nodes, double cpu) =>
    [
        .. Enumerable.Range(1, nodes).Select(node => new MetricSample
        {
            Metric = MonitorMetrics.Cpu,
            Node = $"web-{node}",
            Time = Start,
            Value = cpu,
        }),
    ];

    private CapacityRun NewRun(CapacityOptions? options = null) => new(
        new CapacityStore(_store),
        options ?? new CapacityOptions { MaxNodes = 8 },
        _hook,
        TimeProvider.System,
        NullLogger.Instance);

    private sealed class RecordingHook : ICapacityHook
    {
        public List<CapacityChange> Calls { get; } = [];

        public Exception? Error { get; set; }

        public Action? OnCall { get; set; }

        public Task SetNodes(CapacityChange change, CancellationToken cancellationToken)
        {
            Calls.Add(change);
            OnCall?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            return Error is null ? Task.CompletedTask : Task.FromException(Error);
        }
    }
}
