using Millrace.Tests.Metrics;
using static Millrace.Tests.Recovering.RecoveryNode;

namespace Millrace.Tests.Recovering;

/// <summary>Recoveries by several nodes with one store: an action never runs twice at once.</summary>
public sealed class RecoveryNodesTests : IDisposable
{
    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task One_of_two_nodes_acts()
    {
        await using var one = await Start("n1");
        await using var two = await Start("n2");
        one.Fault = two.Fault = Broken;
        for (var i = 0; i < 100; i++)
        {
            await Task.WhenAll(one.Service.RunOnce(default), two.Service.RunOnce(default));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        var attempts = new[] { one.First, one.Second, two.First, two.Second }.SelectMany(action => action.Attempts);
        Assert.Equal([1, 2, 3], attempts.Select(attempt => attempt.Number).Order());
        Assert.Equal(
            ["diagnosed", "started", "succeeded", "not-healed", "given-up"],
            (await one.Kinds()).Distinct());
        Assert.Equal(3, (await one.Kinds()).Count(kind => kind == "started"));
    }

    [Fact]
    public async Task Another_node_continues_after_the_acting_node_was_killed()
    {
        await using var one = await Start("n1");
        await using var two = await Start("n2");
        one.Fault = two.Fault = Broken;
        using var killed = new CancellationTokenSource();
        one.First.OnRun = async (_, cancellationToken) =>
        {
            await killed.CancelAsync(); // The lock is not released, and the end of the action is not recorded.
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => one.RunFor(TimeSpan.FromMinutes(1), killed.Token));

        await two.RunFor(LockDuration - TimeSpan.FromSeconds(30));
        Assert.Equal(RecoveryState.Acting, Assert.Single(await two.Recovery.List()).State);
        Assert.Empty(two.Second.Attempts);
        two.Second.OnRun = (_, _) =>
        {
            two.Fault = null;
            return Task.CompletedTask;
        };
        await two.RunFor(TimeSpan.FromMinutes(10));

        Assert.Equal(
            ["diagnosed", "started", "failed", "not-healed", "started", "succeeded", "healed"], await two.Kinds());
        Assert.Equal(
            "The node n1 ended during the action, or lost the right to act.", (await two.Last("failed")).Text);
        Assert.Equal((1, 0, 1), (one.First.Attempts.Count, two.First.Attempts.Count, two.Second.Attempts.Count));
        Assert.True(two.Second.Attempts[0].Token > one.First.Attempts[0].Token);
    }

    [Fact]
    public async Task A_node_that_has_lost_its_lock_during_an_action_records_nothing()
    {
        await using var one = await Start("n1");
        await using var two = await Start("n2");
        one.Fault = two.Fault = Broken;
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        one.First.OnRun = (_, _) =>
        {
            started.SetResult();
            return resumed.Task; // The node is suspended.
        };
        var suspended = one.RunFor(TimeSpan.FromSeconds(30));
        await started.Task.WaitAsync(TimeSpan.FromMinutes(1));

        _clock.Advance(LockDuration);
        await two.Service.RunOnce(default);
        Assert.Equal("failed", (await two.Kinds())[^1]);
        resumed.SetResult();
        await suspended.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.DoesNotContain("succeeded", await two.Kinds());
        Assert.Equal(RecoveryState.Verifying, Assert.Single(await two.Recovery.List()).State);
    }

    [Fact]
    public async Task An_operator_starts_an_action_on_the_acting_node()
    {
        await using var one = await Start("n1");
        await using var tool = await Start("tool");
        await one.Service.RunOnce(default);
        var plan = await tool.Recovery.Plan("first", "pump");
        var requested = await tool.Recovery.Run("first", "pump", "kim");
        var busy = await Assert.ThrowsAsync<RecoveryBusyException>(() => tool.Recovery.Run("first", "pump", "ada"));
        await one.RunFor(TimeSpan.FromSeconds(50));

        Assert.Equal(("first", "pump"), (plan.Action, plan.Subject));
        Assert.Equal(RecoveryState.Requested, busy.State);
        var attempt = Assert.Single(one.First.Attempts);
        Assert.Equal((requested.Id, "kim", "pump"), (attempt.Case, attempt.By, attempt.Subject));
        Assert.Equal("succeeded", (await tool.Recovery.WaitFor(requested.Id, TimeSpan.Zero))!.Kind);
        Assert.Equal(["requested", "started", "succeeded", "healed"], await tool.Kinds());
        Assert.Empty(await tool.Recovery.List());
    }

    [Fact]
    public async Task A_request_for_a_subject_with_a_fault_reports_that_it_has_not_helped()
    {
        await using var one = await Start("n1", Rule with { Actions = [] });
        one.Fault = Broken;
        await one.RunFor(TimeSpan.FromMinutes(1));
        await one.Recovery.Run("second", "pump", "kim");
        await one.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(
            ["diagnosed", "given-up", "requested", "started", "succeeded", "not-healed"], await one.Kinds());
        Assert.Equal(RecoveryState.GivenUp, Assert.Single(await one.Recovery.List()).State);
    }

    [Fact]
    public async Task The_health_after_a_request_is_checked_when_the_subject_had_time_to_fail_again()
    {
        await using var one = await Start("n1", Rule with { Actions = [] });
        await one.Service.RunOnce(default);
        await one.Recovery.Run("second", "pump", "kim");
        await one.RunFor(TimeSpan.FromSeconds(20));
        var busy = await Assert.ThrowsAsync<RecoveryBusyException>(() => one.Recovery.Run("second", "pump", "ada"));
        Assert.Equal(RecoveryState.Verifying, busy.State);
        one.Fault = Broken;
        await one.RunFor(TimeSpan.FromSeconds(20));

        Assert.Contains("broken", (await one.Last("not-healed")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("healed", await one.Kinds());
    }

    [Fact]
    public async Task A_request_whose_health_cannot_be_checked_is_not_healed()
    {
        await using var one = await Start("n1");
        await one.Service.RunOnce(default);
        await one.Recovery.Run("second", "pump", "kim");
        one.Failure = new InvalidOperationException("No answer.");
        await one.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal("The health could not be checked.", (await one.Last("not-healed")).Text);
    }

    [Fact]
    public async Task A_request_that_no_node_runs_in_time_fails()
    {
        await using var one = await Start("n1");
        await one.Service.RunOnce(default);
        var requested = await one.Recovery.Run("first", null, "kim");
        _clock.Advance(TimeSpan.FromMinutes(11));
        await one.Service.RunOnce(default);

        Assert.Empty(one.First.Attempts);
        Assert.Equal(
            "No node has started it within 10 minutes.",
            (await one.Recovery.WaitFor(requested.Id, TimeSpan.Zero))!.Text);
        var unknown = await Assert.ThrowsAsync<RecoveryActionNotFoundException>(
            () => one.Recovery.Run("third", null, "kim"));
        Assert.Equal(["first", "second"], unknown.Known);
    }

    [Fact]
    public async Task Simultaneous_requests_of_an_action_run_once()
    {
        await using var one = await Start("n1");
        await using var two = await Start("n2");
        await one.Service.RunOnce(default);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try
            {
                await (i % 2 == 0 ? one : two).Recovery.Run("first", "pump", "kim");
            }
            catch (RecoveryBusyException)
            {
                Interlocked.Increment(ref refused);
            }
        }));
        await Task.WhenAll(one.Service.RunOnce(default), two.Service.RunOnce(default));

        Assert.Equal(9, refused);
        Assert.Equal(1, one.First.Attempts.Count + two.First.Attempts.Count);
    }

    private Task<RecoveryNode> Start(string name, RecoveryRule? rule = null) =>
        Open(_file.Open(), _clock, name, rule ?? Rule);
}
