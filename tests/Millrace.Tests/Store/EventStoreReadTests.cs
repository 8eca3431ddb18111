using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Store;

public sealed class EventStoreReadTests : IAsyncLifetime
{
    private EventStore _store = null!; // Each test opens it in InitializeAsync.

    public async Task InitializeAsync()
    {
        _store = await TestData.Store(options: new StoreOptions { PageEvents = 3, Source = "shop" });
        for (var i = 1; i <= 10; i++)
            await _store.Append(new StreamId($"order-{i % 3}"), ExpectedVersion.Any, [new Counted(i)]);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_stream_is_read_forwards_and_backwards_over_several_pages()
    {
        var stream = new StreamId("order-1");

        Assert.Equal([1, 4, 7, 10], (await _store.ReadStream(stream).ToListAsync()).Select(NumberOf));
        Assert.Equal([7, 10], (await _store.ReadStream(stream, fromVersion: 3).ToListAsync()).Select(NumberOf));
        Assert.Equal([10, 7, 4, 1], (await _store.ReadStreamBackwards(stream).ToListAsync()).Select(NumberOf));
        Assert.Equal([4, 1], (await _store.ReadStreamBackwards(stream, fromVersion: 2).ToListAsync()).Select(NumberOf));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await _store.ReadStream(stream, 0).ToListAsync());
    }

    [Fact]
    public async Task The_log_is_read_forwards_and_backwards_from_a_position()
    {
        Assert.Equal(Enumerable.Range(1, 10), (await _store.ReadLog(EventFilter.All).ToListAsync()).Select(NumberOf));
        Assert.Equal([9, 10], (await _store.ReadLog(EventFilter.All, after: 8).ToListAsync()).Select(NumberOf));
        Assert.Equal(
            [3, 2, 1],
            (await _store.ReadLogBackwards(EventFilter.All, from: 3).ToListAsync()).Select(NumberOf));
        Assert.Equal(
            [3, 6, 9],
            (await _store.ReadLog(EventFilter.InStreams("order-0")).ToListAsync()).Select(NumberOf));
        Assert.Empty(await _store.ReadLog(EventFilter.All, after: long.MaxValue).ToListAsync());
    }

    [Fact]
    public async Task The_limit_of_a_page_is_between_1_and_10000()
    {
        foreach (var limit in new[] { 0, -1, 10_001 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                async () => await _store.ReadPage(new LogPageQuery(EventFilter.All, 1, false, limit)));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                async () => await _store.ReadPage(new StreamPageQuery(new StreamId("a"), 1, false, limit)));
        }
        Assert.Equal(10, (await _store.ReadPage(new LogPageQuery(EventFilter.All, 1, false, 10_000))).Events.Count);
    }

    [Fact]
    public async Task Events_are_found_counted_and_decoded()
    {
        var first = await _store.ReadLog(EventFilter.All).FirstAsync();

        var found = await _store.Find(first.Id);

        Assert.Equal(new Counted(1), Assert.IsType<Counted>(found!.Data)); // The store has just read it.
        Assert.Null(await _store.Find(TestData.Id(99)));
        Assert.Equal(10, await _store.Count(EventFilter.All));
        Assert.Equal(10, await _store.Count(new EventFilter { Source = "shop" }));
        Assert.Equal(4, await _store.Count(EventFilter.InStreams("order-1")));
    }

    [Fact]
    public async Task Streams_are_listed_over_several_pages()
    {
        for (var i = 0; i < 10; i++)
            await _store.Append(new StreamId($"invoice-{i}"), ExpectedVersion.NoStream, [new Counted(i)]);

        Assert.Equal(4, (await _store.GetStream(new StreamId("order-1")))?.Events);
        Assert.Null(await _store.GetStream(new StreamId("order-9")));
        Assert.Equal(10, (await _store.ListStreams("invoice-").ToListAsync()).Count);
        Assert.Equal(13, (await _store.ListStreams().ToListAsync()).Count);
    }

    [Fact]
    public async Task Deleted_truncated_and_closed_streams_have_removal_records()
    {
        var (first, second, third) = (new StreamId("order-0"), new StreamId("order-1"), new StreamId("order-2"));
        await _store.Delete(first, ExpectedVersion.Exactly(3), "asked for", "anna");
        await _store.Truncate(second, before: 3, "old");
        await _store.Tombstone(third, ExpectedVersion.Any, "wrong");

        Assert.Empty(await _store.ReadStream(first).ToListAsync());
        Assert.Equal([7, 10], (await _store.ReadStream(second).ToListAsync()).Select(NumberOf));
        await Assert.ThrowsAsync<StreamDeletedException>(() =>
            _store.Append(third, ExpectedVersion.Any, [new Counted(1)]));
        var records = await _store.ListRemovals();
        Assert.Equal(
            [RemovalKind.Delete, RemovalKind.Truncate, RemovalKind.Tombstone],
            records.Select(record => record.Kind));
        Assert.Equal(("asked for", "anna"), (records[0].Reason, records[0].User));
        Assert.Single(await _store.ListRemovals(second));
    }

    [Fact]
    public async Task An_invalid_removal_is_refused()
    {
        var stream = new StreamId("order-1");
        await Assert.ThrowsAsync<StreamNotFoundException>(() =>
            _store.Delete(new StreamId("order-9"), ExpectedVersion.Any, "gone"));
        await Assert.ThrowsAsync<VersionConflictException>(() =>
            _store.Delete(stream, ExpectedVersion.Exactly(1), "stale"));
        await Assert.ThrowsAsync<LimitExceededException>(() => _store.Truncate(stream, 5, "too far"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.Truncate(stream, 0, "too little"));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Delete(stream, ExpectedVersion.Any, " "));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Delete(stream, default, "no version"));

        Assert.Equal(4, (await _store.ReadStream(stream).ToListAsync()).Count);
    }

    [Fact]
    public async Task A_replay_delivers_the_matching_events_and_reports_its_progress()
    {
        var reports = new List<ReplayProgress>();
        var delivered = new List<int>();
        var options = new ReplayOptions { After = 2, To = 9, Progress = new Listener(reports) };

        var result = await _store.Replay(
            EventFilter.InStreams("order-1"),
            (recorded, _) =>
            {
                delivered.Add(NumberOf(recorded));
                return ValueTask.CompletedTask;
            },
            options);

        Assert.Equal([4, 7], delivered);
        Assert.Equal((2, 9), (result.Events, result.Position));
        Assert.Equal((2, 9, 9), (reports[^1].Events, reports[^1].Position, reports[^1].To));
    }

    [Fact]
    public async Task A_replay_stops_on_cancellation_and_when_its_handler_throws()
    {
        using var cancellation = new CancellationTokenSource();
        var delivered = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _store.Replay(
                EventFilter.All,
                async (_, _) =>
                {
                    if (++delivered == 4)
                        await cancellation.CancelAsync();
                },
                cancellationToken: cancellation.Token));
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            _store.Replay(EventFilter.All, (_, _) => throw new InvalidDataException()));

        Assert.Equal(4, delivered);
    }

    [Fact]
    public async Task Claims_are_taken_with_or_without_events()
    {
        var request = new AppendRequest().To(new StreamId("user-1"), ExpectedVersion.NoStream, new Counted(1)).With(
            Claim.Acquire("email", "a@b", "user-1"));
        await _store.Append(request);

        var taken = await Assert.ThrowsAsync<ClaimTakenException>(
            () => _store.Append(new AppendRequest().With(Claim.Acquire("email", "a@b", "user-2"))));

        Assert.Equal("user-1", taken.Owner);
        await _store.Append(new AppendRequest().With(Claim.Release("email", "a@b", "user-1")));
        Assert.Null(await _store.FindClaim("email", "a@b"));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Append(new AppendRequest()));
    }

    [Fact]
    public async Task A_condition_fails_after_an_event_that_it_excludes()
    {
        var token = await _store.ReadLogBackwards(EventFilter.All).FirstAsync();
        AppendRequest Request() => new AppendRequest()
            .To(new StreamId("order-9"), ExpectedVersion.Any, new Counted(1))
            .OnlyIf(new AppendCondition(EventFilter.OfTypes("counted"), token.Position));
        await _store.Append(Request());

        var failed = await Assert.ThrowsAsync<ConditionFailedException>(() => _store.Append(Request()));

        Assert.Equal(11, failed.Position);
    }

    [Fact]
    public async Task An_event_of_an_unregistered_type_is_refused() =>
        await Assert.ThrowsAsync<EventTypeNotFoundException>(() =>
            _store.Append(new StreamId("a"), ExpectedVersion.Any, [new object()]));

    [Fact]
    public async Task All_options_out_of_range_are_reported()
    {
        var options = new StoreOptions { PageEvents = 0, TailEvents = -1, MaxBatchEvents = 0 };

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty, options));

        Assert.Contains("PageEvents", refused.Message, StringComparison.Ordinal);
        Assert.Contains("TailEvents", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxBatchEvents", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_refuses_appends()
    {
        await _store.DisposeAsync();

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => _store.Append(new StreamId("a"), ExpectedVersion.Any, [new Counted(1)]));

        Assert.Equal(StorageProblem.Closed, refused.Problem);
    }

    private static int NumberOf(RecordedEvent recorded) => Assert.IsType<Counted>(recorded.Data).Number;

    private sealed class Listener(List<ReplayProgress> reports) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => reports.Add(value);
    }
}
