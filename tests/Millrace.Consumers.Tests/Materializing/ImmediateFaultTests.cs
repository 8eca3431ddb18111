using System.Diagnostics;
using Millrace.Consuming;
using Millrace.Materializing;
using Millrace.Materializing.Immediate;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Materializing;

/// <summary>Tests immediate views whose code fails, and stores that other programs change.</summary>
public sealed class ImmediateFaultTests
{
    [Theory]
    [StoreKinds]
    public async Task Code_that_throws_invalidates_the_view_and_not_the_read_model(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        node.Failure = cargo => cargo.Ship == "bad" ? new InvalidOperationException("The crane is broken.") : null;

        var token = await node.Append("bad", new Loaded("bad", 1));
        var later = await node.Append("bob", new Loaded("bob", 9));
        var document = await node.Cargo.Get("bob", later);
        var unread = await Assert.ThrowsAsync<ViewNotReadyException>(async () => await node.Ships.Get("ada", token));
        var failing = await Eventually.Get(
            async () => await node.Views.List(), all => all.All(one => one.Error is not null), TestNode.WaitTimeout);
        var letters = await node.Store.Storage.DeadLetters.List(new DeadLetterQuery(), CancellationToken.None);
        node.Failure = static _ => null;
        await node.Views.Refresh("loaded-ships", TestNode.WaitTimeout);
        await node.Views.Refresh("fleet-totals", TestNode.WaitTimeout);
        await node.RequireRightRows(later);

        Assert.Equal((9, true), (document.Value?.Crates, document.Freshness.IsFresh));
        Assert.Contains("failed for a changed document", unread.Message, StringComparison.Ordinal);
        Assert.All(
            failing,
            status => Assert.Contains("'bad': The crane is broken.", status.Error, StringComparison.Ordinal));
        Assert.Empty(letters);
        Assert.All(await node.Views.List(), status => Assert.Null(status.Error));
    }

    [Theory]
    [StoreKinds]
    public async Task A_failed_build_keeps_the_rows_that_follow_the_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var collection = (await node.State()).Live?.Collection;
        node.Failure = cargo => cargo.Ship == "ada" ? new InvalidOperationException("The crane is broken.") : null;

        await Assert.ThrowsAsync<ViewRefreshException>(() => node.Ships.Refresh());
        await node.RequireRightRows(await node.Append("bob", new Loaded("bob", 9)));

        Assert.Equal(collection, (await node.State()).Live?.Collection);
    }

    [Theory]
    [StoreKinds]
    public async Task A_damaged_record_of_a_view_does_not_stop_the_projection(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await ImmediateNode.Start(shared))
        {
            await first.RequireRightRows(await first.Append("ada", new Loaded("ada", 4)));
            var damaged = new DocumentChange
            {
                Collection = ViewStore.Collection,
                Key = await first.RecordKey(),
                Body = "{"u8.ToArray(),
            };
            await first.Store.Storage.Log.Commit(
                [new CommitRequest { Documents = [damaged] }], DateTimeOffset.UtcNow, CancellationToken.None);
        }

        await using var node = await ImmediateNode.Start(shared);
        var token = await node.Append("bob", new Loaded("bob", 9));
        var document = await node.Cargo.Get("bob", token);
        await node.Views.Drop("loaded-ships");
        await WaitUntil(async () => (await node.State()).Live?.Position >= token.Position);

        Assert.Equal((9, true), (document.Value?.Crates, document.Freshness.IsFresh));
        await node.RequireRightRows(token);
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_are_old_while_a_program_without_the_view_runs_the_projection(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken known;
        await using (var node = await ImmediateNode.Start(shared))
        {
            await node.Append("ada", new Loaded("ada", 4));
            known = await node.Append("bob", new Loaded("bob", 9));
            await node.RequireRightRows(known);
        }
        await using var reader = await ImmediateNode.Start(shared, runsConsumers: false);
        ConsistencyToken unknown;
        await using (var other = await ImmediateNode.Start(shared, hasViews: false))
        {
            await other.Append("ada", new Unloaded("ada", 1));
            unknown = await other.Append("bob", new Scrapped("bob"));
            await other.Cargo.Get("bob", unknown);
        }

        var old = await reader.Ships.Get("bob", new ReadAfter(unknown, TimeSpan.Zero));
        var total = await reader.Fleets.Get("a");
        var foreign = await reader.Ships.Get(
            "bob", new ReadAfter(new ConsistencyToken(known.LogEpoch + 1, 1), TimeSpan.Zero));
        await using var node2 = await ImmediateNode.Start(shared);
        await node2.RequireRightRows(unknown);
        var current = await reader.Ships.Get("bob", unknown);

        Assert.Equal((new LoadedShip("bob", 9), known), (old.Value, old.Reflects));
        Assert.Equal((2, false), (old.Freshness.LagEvents, total.Freshness.IsFresh));
        Assert.NotNull(total.State.Problem);
        Assert.Equal((9, true), (foreign.Value?.Crates, foreign.Freshness.IsOtherEpoch));
        Assert.Equal((null, true), (current.Value, current.Freshness.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task A_program_without_the_view_that_commits_nothing_is_noticed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        string? collection;
        ConsistencyToken token;
        await using (var node = await ImmediateNode.Start(shared))
        {
            token = await node.Append("ada", new Loaded("ada", 4));
            await node.RequireRightRows(token);
            collection = (await node.State()).Live?.Collection;
        }
        await using (var other = await ImmediateNode.Start(shared, hasViews: false))
        {
            await WaitUntil(async () =>
                (await other.Store.Storage.Leases.Find("cargo@1", CancellationToken.None))[0].Holder is not null);
        }

        await using var next = await ImmediateNode.Start(shared);
        await next.RequireRightRows(token);
        await WaitUntil(async () => (await next.State()).Live?.Collection != collection);
        await next.RequireRightRows(token);
    }

    [Theory]
    [StoreKinds]
    public async Task Removed_rows_do_not_stop_the_projection_and_are_built_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var collection = (await node.State()).Live!.Collection;
        await node.Store.Storage.Documents.Drop(collection, DateTimeOffset.MaxValue, CancellationToken.None);

        var token = await node.Append("bob", new Loaded("bob", 9));
        var document = await node.Cargo.Get("bob", token);
        await WaitUntil(async () => (await node.State()).Live is { } live && live.Collection != collection);
        await WaitUntil(async () => (await node.Views.List()).All(static one => one.Error is null && one.Rows > 0));
        await node.RequireRightRows(token);

        Assert.Equal((9, true), (document.Value?.Crates, document.Freshness.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task A_dropped_view_is_built_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var collection = (await node.State()).Live!.Collection;

        await node.Views.Drop("loaded-ships");
        await WaitUntil(async () => (await node.State()).Live is { } live && live.Collection != collection);

        await node.RequireRightRows(await node.Append("bob", new Loaded("bob", 9)));
    }

    [Theory]
    [StoreKinds]
    public async Task Old_rows_without_the_event_of_a_dead_letter_are_not_fresh(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var node = await ImmediateNode.Start(shared, configure: static options => options.Retries = 0))
        {
            await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
            await node.Append("ada", new Loaded("ada", -1));
            token = await node.Append("bob", new Loaded("bob", 9));
            await Eventually.Get(
                async () => await node.Ships.Get("bob", token), row => row.Value is not null, TestNode.WaitTimeout);
        }
        await using var reader = await ImmediateNode.Start(shared, runsConsumers: false);
        await using (await ImmediateNode.Start(shared, hasViews: false))
        {
            // It takes the lease, and has nothing to commit.
            await WaitUntil(async () => (await reader.Ships.Get("bob")).State.Problem is not null);
        }

        var old = await reader.Ships.Get("bob", new ReadAfter(token, TimeSpan.Zero));

        Assert.Equal((9, false), (old.Value?.Crates, old.Freshness.IsFresh));
        Assert.Equal((0, 1), (old.Reflects.Position, old.Freshness.BlockedEvents));
    }

    [Fact]
    public async Task Rows_stay_readable_when_a_build_of_the_read_model_starts_while_its_projection_is_paused()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await ImmediateNode.Start(shared);
        var token = await node.Append("ada", new Loaded("ada", 4));
        await node.RequireRightRows(token);

        await node.Consumers.Pause("cargo@1");
        await WaitUntil(async () => (await node.Consumers.Get("cargo@1")).State == ConsumerState.Paused);
        await node.Projections.StartRebuildBeside("cargo", BuildSwitch.Manual);
        var started = Stopwatch.StartNew();
        await node.RequireRightRows(token);

        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_view_whose_state_was_removed_is_built_again_without_an_event()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await ImmediateNode.Start(shared);
        var token = await node.Append("ada", new Loaded("ada", 4));
        await node.RequireRightRows(token);
        var former = (await node.State()).Live!.Collection;

        await FollowerStates.RemoveOf(node.Store, "cargo@1", CancellationToken.None);
        await WaitUntil(async () => (await node.State()).Live is { } live && live.Collection != former);

        await node.RequireRightRows(token);
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_of_removed_documents_are_not_read_after_a_program_without_the_view_built_them_again(
        StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var node = await ImmediateNode.Start(shared))
        {
            token = await node.Append("ada", new Loaded("ada", 4));
            await node.RequireRightRows(token);
        }
        await using var reader = await ImmediateNode.Start(shared, runsConsumers: false, firstWait: TimeSpan.Zero);
        await using (var other = await ImmediateNode.Start(shared, hasViews: false))
        {
            await other.Projections.Rebuild("cargo@1");
            token = await other.Append("bob", new Loaded("bob", 9));
            await other.Cargo.Get("bob", token);
        }

        await Assert.ThrowsAsync<ViewNotReadyException>(async () => await reader.Ships.Get("ada"));

        await using var next = await ImmediateNode.Start(shared);
        await next.RequireRightRows(token);
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_that_are_removed_and_built_again_have_right_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var node = await ImmediateNode.Start(shared))
        {
            token = await node.Append("ada", new Loaded("ada", 4));
            await node.RequireRightRows(token);
        }
        await using (var reader = await ImmediateNode.Start(shared, runsConsumers: false))
        {
            await reader.Store.Storage.Documents.Clear("cargo@1", "cargo@1", CancellationToken.None);
            var cleared = await reader.State();
            Assert.NotNull(cleared.Live);
        }

        await using var next = await ImmediateNode.Start(shared);
        await next.RequireRightRows(token);
        await next.RequireRightRows(await next.Append("ada", new Loaded("ada", 4)));
    }

    [Theory]
    [StoreKinds]
    public async Task A_projection_that_is_divided_has_no_rows_and_rows_return_when_it_is_whole(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var node = await ImmediateNode.Start(shared))
        {
            token = await node.Append("ada", new Loaded("ada", 4));
            await node.RequireRightRows(token);
            Assert.True(await node.Store.Storage.Leases.Divide("cargo@1", 2, CancellationToken.None));
            token = await node.Append("ada", new Loaded("ada", 4));
            await node.Cargo.Get("ada", token);

            var old = await node.Ships.Get("ada");

            Assert.Equal((4, false), (old.Value?.Crates, old.Freshness.IsFresh));
            await WaitUntil(async () => await node.Store.Storage.Leases.Divide("cargo@1", 1, CancellationToken.None));
        }
        await using var next = await ImmediateNode.Start(shared);
        await next.RequireRightRows(token);
    }

    [Theory]
    [InlineData(3, 3, 10L, true)] // The same holder.
    [InlineData(3, 4, 10L, true)] // The next holder.
    [InlineData(3, 5, 10L, false)] // Another holder was in between, or a reset.
    [InlineData(3, 2, 10L, false)] // The consumer was removed with its epochs.
    [InlineData(3, 4, 11L, false)]
    [InlineData(3, 4, null, false)]
    public void Rows_continue_only_after_a_run_that_followed_them(
        long before, long now, long? checkpoint, bool continues)
    {
        var rows = new ImmediateRows
        {
            Collection = "mv-ships@1.1",
            LogEpoch = 1,
            Revision = 2,
            LeaseEpoch = before,
            Position = 10,
            IsComplete = true,
        };
        var run = new ImmediateRun(1, now, 2, checkpoint);

        Assert.Equal(continues, rows.ContinueWith(run) is not null);
        Assert.Null(rows.ContinueWith(run with { LogEpoch = 2 }));
        Assert.Equal(continues, rows.ContinueWith(run with { Revision = 3 }) is not null);
        Assert.Null(rows.ContinueWith(run with { Revision = 3, IsListed = false }));
        Assert.Null(rows.ContinueWith(run with { Revision = 1 }));
    }

    [Theory]
    [InlineData(5, 12L, true)] // Old rows remain readable.
    [InlineData(5, 3L, false)] // The documents started again.
    [InlineData(2, 12L, false)]
    [InlineData(5, null, false)]
    public void Rows_of_former_documents_are_not_read(long epoch, long? checkpoint, bool remain)
    {
        var live = new ImmediateRows
        {
            Collection = "mv-ships@1.1",
            LogEpoch = 1,
            Revision = 2,
            LeaseEpoch = 3,
            Position = 10,
            IsComplete = true,
        };
        var state = new ImmediateState { Live = live, Build = live with { Collection = "mv-ships@1.2" } };

        var next = state.ContinueWith(
            new ImmediateRun(1, epoch, 2, checkpoint), ["mv-ships@1.1", "mv-ships@1.2"]);

        Assert.Equal(remain ? live : null, next.Live);
        Assert.Null(next.Build);
        Assert.Null(state.ContinueWith(new ImmediateRun(1, epoch, 3, checkpoint), ["mv-ships@1.1"]).Live);
        Assert.Null(state.ContinueWith(new ImmediateRun(2, epoch, 2, checkpoint), ["mv-ships@1.1"]).Live);
        Assert.Null(state.ContinueWith(new ImmediateRun(1, 4, 2, 10), []).Live);
    }

    [Fact]
    public void A_view_that_fails_soon_after_each_build_is_built_less_and_less_often()
    {
        var now = DateTimeOffset.UnixEpoch;
        var record = new ViewRecord { Name = "ships", Version = 1, Declaration = "a" };

        var first = Fail(record, now);
        var second = Fail(ImmediateFailures.End(first), now.AddMinutes(5));
        var third = Fail(second, now.AddDays(1));
        var late = Fail(ImmediateFailures.End(third), now.AddDays(2));
        var slow = Fail(ImmediateFailures.End(third) with { DurationSeconds = 90_000 }, now.AddDays(2));
        var requested = Fail(
            ImmediateFailures.End(third with { FailedAt = null }), now.AddDays(1).AddMinutes(1));

        Assert.Equal((1, "The crane is broken."), (first.Failures, first.Error));
        Assert.Equal((2, 3), (second.Failures, third.Failures));
        Assert.Equal((1, 4, 1), (late.Failures, slow.Failures, requested.Failures));
        Assert.Null(ImmediateFailures.End(first).Error);
        Assert.Equal(now.AddMinutes(5).AddSeconds(2), second.PausedUntil);
    }

    [Fact]
    public void A_failure_of_work_that_started_before_a_request_does_not_answer_it_and_delays_nothing()
    {
        var now = DateTimeOffset.UnixEpoch;
        var record = new ViewRecord { Name = "ships", Version = 1, Declaration = "a", RequestedAt = now };

        var before = Fail(record, from: now.AddSeconds(-1), now.AddSeconds(1));
        var after = Fail(record, from: now, now.AddSeconds(1));

        Assert.Equal((1, "The crane is broken."), (before.Failures, before.Error));
        Assert.Equal((null, null), (before.FailedAt, before.PausedUntil));
        Assert.Equal(now.AddSeconds(1), after.FailedAt);
    }

    private static ViewRecord Fail(ViewRecord record, DateTimeOffset now) => Fail(record, now, now);

    private static ViewRecord Fail(ViewRecord record, DateTimeOffset from, DateTimeOffset now) =>
        ImmediateFailures.Add(record, new InvalidOperationException("The crane is broken."), from, now);

    [Fact]
    public async Task A_failure_names_the_document()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await ImmediateNode.Start(shared);
        await node.Append("none", new Loaded("none", 4));

        var failed = await Eventually.Get(
            async () => await node.Views.List(), all => all.Any(one => one.Error is not null), TestNode.WaitTimeout);

        Assert.Equal(
            "The code of the view failed for the document 'none': Group returned null. Exclude such documents by "
                + "Includes.",
            failed.Single(one => one.Error is not null).Error);
    }

    [Fact]
    public void Sums_that_would_be_rounded_are_refused()
    {
        var change = new GroupChange<string>();
        change.Add("a", 1, [decimal.MaxValue]);

        Assert.Throws<OverflowException>(() => change.Add("a", 1, [0.1m]));
        Assert.Throws<InvalidOperationException>(() => change.Add("a", 1, []));
    }

    [Fact]
    public void Totals_that_cannot_be_right_are_refused()
    {
        var change = new GroupChange<string>();
        change.Add("a", -1, [1]);

        Assert.Throws<InvalidOperationException>(() => change.ApplyTo("a", null));
        Assert.Throws<InvalidOperationException>(() => change.ApplyTo("a", new GroupTotals(1, [2])));
        Assert.Null(change.ApplyTo("a", new GroupTotals(1, [1])));
    }

    private static Task<bool> WaitUntil(Func<Task<bool>> holds) =>
        Eventually.Get(holds, static isMet => isMet, TestNode.WaitTimeout);
}
