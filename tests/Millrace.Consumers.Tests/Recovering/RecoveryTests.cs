using Millrace.Events;
using Millrace.Recovering;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Tests.Metrics;
using static Millrace.Tests.Recovering.RecoveryNode;

namespace Millrace.Tests.Recovering;

/// <summary>Recoveries by rules: their attempts, bounds, steps and ends.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_fault_is_repaired_and_each_step_is_recorded()
    {
        await using var node = await Start(Rule);
        node.Fault = Broken;
        node.First.OnRun = (_, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(3));
            node.Fault = null;
            return Task.CompletedTask;
        };
        await node.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal(["diagnosed", "started", "succeeded", "healed"], await node.Kinds());
        var steps = (await node.Recovery.History()).Reverse().ToList();
        Assert.Single(steps.Select(step => step.Case).Distinct());
        Assert.Equal((Broken, "repair"), (steps[0].Diagnosis, steps[0].Rule));
        Assert.Equal(("first", 1, "n1"), (steps[1].Action, steps[1].Attempt, steps[1].Node));
        Assert.Equal(TimeSpan.FromSeconds(3), steps[2].Duration);
        Assert.InRange(steps[3].Duration!.Value, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60));
        Assert.Equal(RecoveryState.Healed, Assert.Single(await node.Recovery.List()).State);
        Assert.Equal((1, "pump", Broken), (node.First.Attempts[0].Number, node.First.Attempts[0].Subject,
            node.First.Attempts[0].Diagnosis));
    }

    [Fact]
    public async Task A_fault_that_disappears_early_starts_nothing()
    {
        await using var node = await Start(Rule);
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(RecoveryState.Observing, Assert.Single(await node.Recovery.List()).State);
        node.Fault = null;
        await node.RunFor(TimeSpan.FromSeconds(20));

        Assert.Empty(await node.Recovery.List());
        Assert.Empty(await node.Recovery.History());
    }

    [Fact]
    public async Task Attempts_use_the_actions_in_order_with_growing_pauses_and_end_with_a_person()
    {
        await using var node = await Start(Rule);
        var times = new List<DateTimeOffset>();
        node.Fault = Broken;
        node.First.OnRun = node.Second.OnRun = (_, _) =>
        {
            times.Add(_clock.GetUtcNow());
            return Task.CompletedTask;
        };
        await node.RunFor(TimeSpan.FromMinutes(30));

        Assert.Equal([1], node.First.Attempts.Select(attempt => attempt.Number));
        Assert.Equal([2, 3], node.Second.Attempts.Select(attempt => attempt.Number));
        Assert.True(times[2] - times[1] > times[1] - times[0], $"{times[1] - times[0]}, {times[2] - times[1]}");
        string[] attempt = ["started", "succeeded", "not-healed"];
        Assert.Equal(["diagnosed", .. attempt, .. attempt, .. attempt, "given-up"], await node.Kinds());
        var givenUp = Assert.Single(await node.Recovery.List());
        Assert.Equal((RecoveryState.GivenUp, 3), (givenUp.State, givenUp.Attempts));
        Assert.StartsWith("3 attempts have not helped.", givenUp.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Buy a new one.", givenUp.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_case_that_a_person_repairs_is_healed_and_its_attempts_count_for_the_next_fault()
    {
        await using var node = await Start(Rule with { Window = TimeSpan.FromHours(2) });
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromMinutes(20));
        node.Fault = null;
        await node.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal("healed", (await node.Kinds())[^1]);
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal(["diagnosed", "given-up"], (await node.Kinds()).TakeLast(2));
        Assert.Equal(3, node.First.Attempts.Count + node.Second.Attempts.Count);
        Assert.Equal(2, (await node.Recovery.History()).Select(step => step.Case).Distinct().Count());
        node.Fault = null;
        await node.RunFor(TimeSpan.FromHours(3));
        Assert.Empty(await node.Recovery.List()); // The attempts do not count any more.
    }

    [Fact]
    public async Task Attempts_that_outlast_the_window_end_with_a_person_too()
    {
        await using var node = await Start(Rule with { Window = TimeSpan.FromMinutes(1) });
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromMinutes(30));

        Assert.Equal(3, node.First.Attempts.Count + node.Second.Attempts.Count);
        Assert.Equal("given-up", (await node.Kinds())[^1]);
    }

    [Fact]
    public async Task A_case_does_not_change_while_its_diagnosis_fails()
    {
        await using var node = await Start(Rule with { Actions = [], After = TimeSpan.Zero });
        node.Fault = Broken;
        await node.Service.RunOnce(default);
        node.Failure = new InvalidOperationException("No answer.");
        await node.RunFor(TimeSpan.FromMinutes(5));
        Assert.Equal(RecoveryState.GivenUp, Assert.Single(await node.Recovery.List()).State);
        (node.Failure, node.Fault) = (null, null);
        await node.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(["diagnosed", "given-up", "healed"], await node.Kinds());
    }

    [Fact]
    public async Task A_fault_without_actions_goes_to_a_person_at_once()
    {
        await using var node = await Start(Rule with { Actions = [], After = TimeSpan.Zero });
        node.Fault = Broken;
        await node.Service.RunOnce(default);

        Assert.Equal(["diagnosed", "given-up"], await node.Kinds());
        Assert.Equal("No action can repair this. Buy a new one.", (await node.Last("given-up")).Text);
    }

    [Fact]
    public async Task An_action_that_fails_or_does_not_end_is_a_failed_attempt()
    {
        await using var node = await Start(Rule with { ActionTimeout = TimeSpan.FromMilliseconds(100) });
        node.Fault = Broken;
        node.First.OnRun = static (_, _) => throw new InvalidOperationException("No power.");
        node.Second.OnRun = static (_, cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
        await node.RunFor(TimeSpan.FromMinutes(10));

        var errors = (await node.Recovery.History()).Reverse()
            .Where(step => step.Kind == "failed").Select(step => step.Text);
        Assert.Equal(
            [
                "InvalidOperationException: No power.",
                "The action did not end within 0.1 s.",
                "The action did not end within 0.1 s.",
            ],
            errors);
        Assert.Equal("given-up", (await node.Kinds())[^1]);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // An action has 5 seconds to end after its cancellation.
    public async Task While_an_action_ignores_its_cancellation_no_other_one_starts()
    {
        using var hangs = new SemaphoreSlim(0);
        await using var node = await Start(Rule with { ActionTimeout = TimeSpan.FromMilliseconds(100) });
        node.Fault = Broken;
        node.First.OnRun = (_, _) => hangs.WaitAsync(CancellationToken.None);
        await node.RunFor(TimeSpan.FromMinutes(10));
        await node.Recovery.Run("second", "pump", "kim");
        await node.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal("kim", (await node.Last("failed")).By);
        Assert.Contains(
            "'first' still runs on the node n1", (await node.Last("failed")).Text, StringComparison.Ordinal);
        Assert.Contains("Restart the node", (await node.Last("given-up")).Text, StringComparison.Ordinal);
        Assert.Single(node.First.Attempts);
        Assert.Empty(node.Second.Attempts);
        hangs.Release();
    }

    [Fact]
    public async Task A_dry_run_records_what_it_would_do_once()
    {
        await using var node = await Start(Rule, isDryRun: true);
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromMinutes(10));
        node.Fault = null;
        await node.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(["diagnosed", "planned", "healed"], await node.Kinds());
        Assert.Equal(("first", 1), ((await node.Last("planned")).Action, (await node.Last("planned")).Attempt));
        Assert.Empty(node.First.Attempts);
        Assert.True((await node.Recovery.FindInfo())!.IsDryRun);
    }

    [Fact]
    public async Task A_case_of_a_removed_rule_ends()
    {
        await using (var node = await Start(Rule with { Actions = [] }))
        {
            node.Fault = Broken;
            await node.RunFor(TimeSpan.FromMinutes(1));
        }
        await using var other = await Start(Rule with { IsEnabled = false });
        _clock.Advance(LockDuration);
        other.Fault = Broken;
        await other.Service.RunOnce(default);

        Assert.Equal(["diagnosed", "given-up", "dropped"], await other.Kinds());
        Assert.Empty(await other.Recovery.List());
    }

    [Fact]
    public async Task A_rule_whose_condition_throws_does_not_apply()
    {
        await using var node = await Start(Rule with { When = static _ => throw new InvalidOperationException("No.") });
        node.Fault = Broken with { Symptom = RecoverySymptoms.DataDamaged };
        await node.Service.RunOnce(default);

        Assert.Equal(RecoverySymptoms.DataDamaged, (await node.Last("given-up")).Rule);
    }

    [Fact]
    public async Task Only_millrace_writes_the_steps()
    {
        await using var node = await Start(Rule);
        await Assert.ThrowsAsync<InvalidNameException>(() => node.Store.Append(
            new StreamId("$recovery"), ExpectedVersion.Any, [NewEvent.FromBytes("mine", "{}"u8.ToArray())]));
        await Assert.ThrowsAsync<InvalidNameException>(() => node.Store.Append(
            new StreamId("s"), ExpectedVersion.Any, [NewEvent.FromBytes("recovery.healed", "{}"u8.ToArray())]));
    }

    [Fact]
    public async Task A_store_that_cannot_be_used_is_observed_and_recorded_afterwards()
    {
        var storage = new FaultyStorage(new InMemoryStorage(_clock));
        await using var node = await Open(storage, _clock, "n1", Rule);
        await node.RunFor(TimeSpan.FromSeconds(20));
        storage.Disconnect();
        await node.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal((true, false), (node.Service.Trouble.Exists, node.Service.Trouble.IsGivenUp));
        await node.RunFor(TimeSpan.FromMinutes(2));
        Assert.True(node.Service.Trouble.IsGivenUp);
        storage.Reconnect();
        await node.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(["diagnosed", "given-up", "healed"], await node.Kinds());
        Assert.Equal(RecoverySymptoms.StoreUnavailable, (await node.Last("diagnosed")).Diagnosis!.Symptom);
        Assert.Equal(TimeSpan.FromMinutes(3), (await node.Last("healed")).Duration);
        Assert.False(node.Service.Trouble.Exists);
    }

    [Fact]
    public async Task A_diagnosis_that_the_store_fails_goes_to_a_person()
    {
        await using var node = await Start(Rule);
        node.Failure = FaultyStorage.Unavailable();
        await node.RunFor(TimeSpan.FromMinutes(4));
        Assert.Equal(["diagnosed", "given-up"], await node.Kinds());
        Assert.Equal(RecoverySymptoms.StoreUnavailable, (await node.Last("given-up")).Rule);
        Assert.False(node.Service.Trouble.Exists);
        node.Failure = null;
        await node.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal("healed", (await node.Kinds())[^1]);
    }

    [Fact]
    public async Task A_case_that_cannot_be_read_does_not_stop_the_others()
    {
        await using var node = await Start(Rule);
        await node.Service.RunOnce(default);
        var damaged = new DocumentChange { Collection = "recovery", Key = "case/x", Body = "{"u8.ToArray() };
        await node.Store.Commit(new CommitRequest { Documents = [damaged] }, isBackground: false, default);
        node.Fault = Broken;
        await node.RunFor(TimeSpan.FromSeconds(40));

        Assert.Equal(["diagnosed", "started", "succeeded"], await node.Kinds());
        Assert.Single(await node.Recovery.List());
        Assert.False(node.Service.Trouble.Exists);
    }

    [Fact]
    public async Task Steps_are_removed_after_a_year_and_an_operator_can_truncate_them()
    {
        await using var node = await Start(Rule);
        var note = new RecoveryNote { Case = "c" };
        var steps = Enumerable.Repeat((RecoveryEvents.Healed, note), RecoveryStore.RemovedEvents + 100);
        await new RecoveryStore(node.Store).TryCommit("", 0, new RecoveryStep(null, [.. steps]), default);
        await node.Service.RunOnce(default);
        Assert.Equal(600, (await node.Recovery.History(1_000)).Count);
        _clock.Advance(TimeSpan.FromDays(366));
        await node.Service.RunOnce(default);
        Assert.Equal(100, (await node.Recovery.History(1_000)).Count);

        await node.Store.Truncate(RecoveryEvents.Stream, 600, "no longer needed");
        Assert.Single(await node.Recovery.History());
        await Assert.ThrowsAsync<InvalidNameException>(() => node.Store.Tombstone(
            RecoveryEvents.Stream, ExpectedVersion.StreamExists, "no longer needed"));
    }

    private Task<RecoveryNode> Start(RecoveryRule rule, bool isDryRun = false) =>
        Open(_file.Open(), _clock, "n1", rule, isDryRun);
}
