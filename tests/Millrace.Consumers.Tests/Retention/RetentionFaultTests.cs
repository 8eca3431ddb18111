using Millrace.Erasing;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Retention;

/// <summary>Tests runs that are interrupted, and changes of the store during a run.</summary>
public sealed class RetentionFaultTests
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_continues_after_a_fault_at_any_commit(bool isWritten)
    {
        var faults = 0;
        for (var number = 1; await ContinuesAfter(number, isWritten); number++)
            faults++;

        Assert.True(faults >= 5, $"Only {faults} commits failed.");
    }

    [Theory]
    [InlineData(RetentionEvents.Started)]
    [InlineData(RetentionEvents.Planned)]
    [InlineData(RetentionEvents.Removed)]
    [InlineData(RetentionEvents.Completed)]
    public async Task Another_node_continues_a_run_after_any_step(string step)
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await GivenCarts(sample);
        await sample.Interrupt(step, () => Create(sample).Run("ann", "run-1"));
        await sample.Restart();

        var ended = await Create(sample).Resume();

        Assert.Equal(step == RetentionEvents.Completed ? 0 : 1, ended);
        await AssertComplete(sample);
    }

    [Theory]
    [StoreKinds]
    public async Task An_event_that_is_appended_during_a_run_is_never_removed(StoreKind kind)
    {
        var isActive = false;
        EventStore? other = null;
        await using var sample = await RetentionSample.Create(kind, inner => new FaultInjectingStorage(inner)
        {
            BeforeCommit = async (batch, _) =>
            {
                if (!isActive || !batch.Any(request => request.Removals.Count > 0))
                    return;
                isActive = false;
                await other!.Append(
                    new StreamId("cart-2"),
                    ExpectedVersion.Exactly(1),
                    [NewEvent.FromBytes("cart.filled", "{}"u8.ToArray())]);
            },
        });
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        await sample.Append("cart-3", "cart.opened", Old);
        other = await sample.Open();
        isActive = true;

        var run = await Create(sample).Run("ann");

        Assert.False(isActive);
        Assert.Equal(2, run.Streams);
        var kept = Assert.Single(Assert.Single(run.Results).Kept);
        Assert.Equal(("changed during the run", 1L), (kept.Reason, kept.Count));
        Assert.Equal(["cart-2"], kept.Examples);
        Assert.Equal([1, 2], await sample.Versions("cart-2"));
        Assert.Empty(await sample.Versions("cart-3"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_legal_hold_keeps_all_streams_without_keys_even_if_it_is_placed_during_the_run(StoreKind kind)
    {
        var isActive = false;
        EventStore? other = null;
        await using var sample = await RetentionSample.Create(kind, inner => new FaultInjectingStorage(inner)
        {
            BeforeCommit = async (batch, _) =>
            {
                if (!isActive || !batch.Any(request => request.Removals.Count > 0))
                    return;
                isActive = false;
                await new Erasures(new ErasureScope(other!, "", ""), null).Hold("cart-2", "lawsuit", "ben");
            },
        });
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        await sample.Append("cart-3", "cart.opened", Old);
        other = await sample.Open();
        isActive = true;

        var run = await Create(sample).Run("ann", "run-1");

        Assert.False(isActive);
        Assert.Equal(0, run.Streams);
        var kept = Assert.Single(Assert.Single(run.Results).Kept);
        Assert.Equal(("legal hold", 3L), (kept.Reason, kept.Count));
        Assert.Equal([1], await sample.Versions("cart-1"));
        Assert.Equal([1], await sample.Versions("cart-2"));
        Assert.Equal([1], await sample.Versions("cart-3"));
    }

    [Fact]
    public async Task A_second_run_waits_for_the_first_and_then_fails()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await GivenCarts(sample);
        Exception? refused = null;
        sample.AfterStep = step =>
        {
            if (step == RetentionEvents.Planned)
                refused = Record.ExceptionAsync(() => Create(sample).Run("ben", "run-2")).GetAwaiter().GetResult();
        };

        await Create(sample).Run("ann", "run-1");

        Assert.IsType<LockUnavailableException>(refused);
        await AssertComplete(sample);
    }

    [Fact]
    public async Task A_continued_removal_before_a_time_removes_nothing_from_a_category_that_is_now_kept()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Interrupt(
            RetentionEvents.Planned, () => sample.Create(_ => { }).DeleteBefore("cart", sample.Now, "ann"));
        var retention = sample.Create(options => options.Category("cart").KeepForever());

        Assert.Equal(1, await retention.Resume());

        var run = Assert.Single(await retention.List());
        Assert.NotNull(run.EndedAt);
        Assert.Equal(0, run.Events);
        Assert.Equal([1], await sample.Versions("cart-1"));
    }

    [Fact]
    public async Task A_run_that_cannot_be_continued_does_not_prevent_the_others()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await GivenCarts(sample);
        var failures = 0;
        sample.AfterStep = _ => throw new InvalidOperationException("The program ends.");
        foreach (var id in new[] { "run-1", "run-2" })
            await Assert.ThrowsAsync<InvalidOperationException>(() => Create(sample).Run("ann", id));
        sample.AfterStep = _ =>
        {
            if (failures++ == 0)
                throw new InvalidOperationException("The disk fails.");
        };

        var failure = await Assert.ThrowsAsync<AggregateException>(() => Create(sample).Resume());

        Assert.Equal("The disk fails.", Assert.Single(failure.InnerExceptions).Message);
        Assert.Null((await Create(sample).Find("run-1"))!.EndedAt);
        Assert.Equal(120, (await Create(sample).Find("run-2"))!.Events);
        Assert.Equal(1, await Create(sample).Resume());
    }

    private static Task GivenCarts(RetentionSample sample) => GivenCarts(sample, 120);

    private static async Task GivenCarts(RetentionSample sample, int carts)
    {
        for (var i = 0; i < carts; i++)
            await sample.Append($"cart-{i}", "cart.opened", Old);
        await sample.GivenDocument("snapshots", "cart-7", "{}");
    }

    private static RetentionService Create(RetentionSample sample) =>
        sample.Create(options => options.Category("cart").DeleteAfter());

    private static async Task AssertComplete(RetentionSample sample)
    {
        var run = await Create(sample).Find("run-1");
        Assert.NotNull(run?.EndedAt);
        Assert.Equal((120, 120), (run.Streams, run.Events));
        Assert.All(await sample.LogTypes(), type => Assert.Equal("retention.stream-removed", type));
        Assert.Null(await sample.Store.Storage.Documents.Get("snapshots", "cart-7", default));
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    /// <summary>Returns false if a run has fewer commits than the number.</summary>
    private static async Task<bool> ContinuesAfter(int number, bool isWritten)
    {
        var commits = 0;
        var (isActive, hasFailed) = (false, false);
        ValueTask Fail(IReadOnlyList<CommitRequest> batch, int _)
        {
            if (!isActive || !batch.Any(IsOfRun) || ++commits != number)
                return default;
            hasFailed = true;
            throw new StorageException("The disk fails.", StorageProblem.Other);
        }
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite, inner =>
        {
            var faulty = new FaultInjectingStorage(inner);
            if (isWritten)
                faulty.AfterCommit = Fail;
            else
                faulty.BeforeCommit = Fail;
            return faulty;
        });
        await GivenCarts(sample);
        isActive = true;
        var failure = await Record.ExceptionAsync(() => Create(sample).Run("ann", "run-1"));
        isActive = false;
        if (!hasFailed)
        {
            Assert.Null(failure);
            return false;
        }
        await sample.Restart();
        await Create(sample).Run("ann", "run-1");
        await AssertComplete(sample);
        return true;
    }

    private static bool IsOfRun(CommitRequest request) =>
        request.Appends.Any(append => append.Stream.Value.StartsWith('$')) || request.Removals.Count > 0;
}
