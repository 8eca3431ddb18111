using Millrace.Storage;
using Millrace.Storage.Caching;
using Millrace.Storage.InMemory;

namespace Millrace.Moves.Tests.Caching;

/// <summary>Tests that a node reads from memory what its storage contains, while another node writes.</summary>
public sealed class CachedReadTests
{
    public static TheoryData<StoreKind, bool, int> Cases
    {
        get
        {
            var cases = new TheoryData<StoreKind, bool, int>();
            for (var seed = 1; seed <= (TestRun.IsLong ? 100 : 4); seed++)
            {
                foreach (var kind in SharedStore.All)
                    cases.Add(kind, seed % 2 == 0, seed);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_cached_log_equals_the_log(StoreKind kind, bool isWhole, int seed)
    {
        using var shared = await SharedStore.Create(kind);
        await using var writing = shared.Open();
        await writing.Open(default);
        var history = new RandomHistory(writing, seed);
        await history.Begin();
        await history.Run(40);
        await using var cached = new CachedStorage(shared.Open(), NewCopy(isWhole));
        await cached.Open(default);
        var random = new Random(seed);
        for (var step = 0; step < 60; step++)
        {
            await history.Run(random.Next(3));
            if (random.Next(25) == 0)
                await writing.Maintenance.StartEpoch(default);
            if (random.Next(5) == 0)
                await RemoveStream(writing.Log, cached.Log, step, random);
            await AssertEqual(writing.Log, cached.Log, random);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_that_do_not_fit_into_one_page_are_not_missed(bool isWhole)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var writing = shared.Open();
        await writing.Open(default);
        await using var cached = new CachedStorage(shared.Open(), NewCopy(isWhole));
        await cached.Open(default);
        var stream = new StreamId("large-1");
        await writing.Log.Commit([Append(stream)], TimeProvider.System.GetUtcNow(), default);
        Assert.Single((await cached.Log.ReadStream(new StreamPageQuery(stream, 1, false, 100), default)).Events);

        for (var i = 0; i < 40; i++)
            await writing.Log.Commit([Append(stream, 1_000_000)], TimeProvider.System.GetUtcNow(), default);

        var query = new StreamPageQuery(stream, long.MaxValue, true, 1);
        Assert.Equal(41, Assert.Single((await cached.Log.ReadStream(query, default)).Events).Version);
        Assert.Equal(41, await cached.Log.Count(EventFilter.All, default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_that_are_removed_during_reads_do_not_come_back(bool isWhole)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var writing = shared.Open();
        await writing.Open(default);
        await using var cached = new CachedStorage(shared.Open(), NewCopy(isWhole));
        await cached.Open(default);
        using var ending = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
                await cached.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, 100), default);
        });
        for (var i = 0; i < 200; i++)
        {
            var stream = new StreamId($"brief-{i}");
            await writing.Log.Commit(
                [Append(stream), Append(stream), Append(stream)], TimeProvider.System.GetUtcNow(), default);
            await Remove(writing.Log, stream, i % 2 == 0 ? RemovalKind.Tombstone : RemovalKind.Truncate);
        }
        await ending.CancelAsync();
        await reading;

        await AssertEqual(writing.Log, cached.Log, new Random(1));
        var all = new LogPageQuery(EventFilter.All, 1, false, 5_000);
        AssertSame(await writing.Log.ReadLog(all, default), await cached.Log.ReadLog(all, default));
    }

    [Fact]
    public async Task A_log_that_lost_its_last_events_is_read_again()
    {
        await using var first = new InMemoryStorage();
        await using var second = new InMemoryStorage();
        await first.Open(default);
        await second.Open(default);
        var current = new SwitchedStorage(first);
        await using var cached = new CachedStorage(current, new LogReplica());
        var (kept, lost) = (new StreamId("kept-1"), new StreamId("lost-1"));
        await first.Log.Commit([Append(kept), Append(lost)], TimeProvider.System.GetUtcNow(), default);
        await second.Log.Commit([Append(kept)], TimeProvider.System.GetUtcNow(), default);
        await cached.Open(default);
        Assert.Equal(2, await cached.Log.Count(EventFilter.All, default));

        current.Storage = second; // As after a failover to a replica that lacks the last commit, in the same epoch.

        Assert.Equal(1, await cached.Log.Count(EventFilter.All, default));
        Assert.Empty((await cached.Log.ReadStream(new StreamPageQuery(lost, 1, false, 10), default)).Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_read_includes_what_was_acknowledged_before(bool isWhole)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var writing = shared.Open();
        await writing.Open(default);
        await using var cached = new CachedStorage(shared.Open(), NewCopy(isWhole));
        await cached.Open(default);
        var stream = new StreamId("counter-1");
        var acknowledged = 0L;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var reading = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Read)));
        while (!reading.IsCompleted)
        {
            await writing.Log.Commit([Append(stream)], TimeProvider.System.GetUtcNow(), limit.Token);
            Interlocked.Increment(ref acknowledged);
        }
        await reading;

        async Task Read()
        {
            for (var i = 0; i < 50; i++)
            {
                var expected = Interlocked.Read(ref acknowledged);
                var page = await cached.Log.ReadStream(
                    new StreamPageQuery(stream, long.MaxValue, true, 1), limit.Token);
                Assert.True((page.Events is [var last] ? last.Version : 0) >= expected);
                var whole = await cached.Log.ReadStream(new StreamPageQuery(stream, 1, false, 100_000), limit.Token);
                Assert.Equal(
                    Enumerable.Range(1, whole.Events.Count).Select(version => (long)version),
                    whole.Events.Select(recorded => recorded.Version));
                Assert.True(whole.Events.Count >= expected);
            }
        }
    }

    private static ILogCopy NewCopy(bool isWhole) => isWhole ? new LogReplica() : new StreamCache(100_000);

    /// <summary>Appends to a new stream, reads it in the copy, and removes it.</summary>
    private static async Task RemoveStream(ILogStorage log, ILogStorage cached, int step, Random random)
    {
        var stream = new StreamId($"brief-{step}");
        await log.Commit([Append(stream), Append(stream), Append(stream)], TimeProvider.System.GetUtcNow(), default);
        var page = await cached.ReadStream(new StreamPageQuery(stream, 1, false, 10), default);
        Assert.Equal(3, page.Events.Count);
        await Remove(log, stream, random.Next(2) == 0 ? RemovalKind.Tombstone : RemovalKind.Delete);
        Assert.Empty((await cached.ReadStream(new StreamPageQuery(stream, 1, false, 10), default)).Events);
    }

    private static async Task Remove(ILogStorage log, StreamId stream, RemovalKind kind) => Assert.Equal(
        CommitResult.Committed,
        (await log.Commit(
            [
                new CommitRequest
                {
                    Removals = [new StreamRemoval(stream, kind, 3, ExpectedVersion.Any, "a test", "somebody")],
                },
            ],
            TimeProvider.System.GetUtcNow(),
            default))[0].Result);

    private static CommitRequest Append(StreamId stream, int size = 2) => new()
    {
        Appends =
        [
            new StreamAppend(
                stream,
                ExpectedVersion.Any,
                [new EncodedEvent { Id = Guid.CreateVersion7(), Type = "counted", Payload = Json(size) }]),
        ],
    };

    private static byte[] Json(int size) => [(byte)'{', .. Enumerable.Repeat((byte)' ', size - 2), (byte)'}'];

    private static async Task AssertEqual(ILogStorage expected, ILogStorage actual, Random random)
    {
        var head = await expected.GetHead(default);
        var streams = await expected.ListStreams("", null, 1_000, default);
        for (var i = 0; i < 5 && streams.Count > 0; i++)
        {
            var stream = streams[random.Next(streams.Count)];
            var isBackwards = random.Next(2) == 0;
            var from = random.Next(3) == 0 ? random.NextInt64(1, stream.Version + 3) : isBackwards ? long.MaxValue : 1;
            var query = new StreamPageQuery(stream.Stream, from, isBackwards, random.Next(1, 30));
            AssertSame(await expected.ReadStream(query, default), await actual.ReadStream(query, default));
        }
        var first = random.NextInt64(1, head.Position + 2);
        var log = new LogPageQuery(EventFilter.All, first, random.Next(2) == 0, random.Next(1, 50));
        AssertSame(await expected.ReadLog(log, default), await actual.ReadLog(log, default));
        Assert.Equal(await expected.Count(EventFilter.All, default), await actual.Count(EventFilter.All, default));
        var page = await expected.ReadLog(new LogPageQuery(EventFilter.All, first, false, 1), default);
        if (page.Events is not [var some])
            return;
        var filtered = log with { Filter = EventFilter.OfTypes(some.Type), From = 1, IsBackwards = false };
        AssertSame(await expected.ReadLog(filtered, default), await actual.ReadLog(filtered, default));
        var found = await actual.FindEvent(some.Stream, some.Id, default);
        Assert.Equal((await expected.FindEvent(some.Stream, some.Id, default))!.Position, found!.Position);
    }

    private static void AssertSame(EventPage expected, EventPage actual)
    {
        Assert.Equal(expected.Events.Select(Text), actual.Events.Select(Text));
        Assert.Equal(expected.IsEnd, actual.IsEnd);
        if (!expected.IsEnd)
            Assert.Equal(expected.Next, actual.Next);
    }

    private static string Text(RecordedEvent recorded) =>
        $"{recorded.Position} {recorded.Stream} {recorded.Version} {recorded.Type} {recorded.Id} "
            + $"{recorded.Timestamp:O} {Convert.ToHexString(recorded.Payload.Span)} "
            + $"{Convert.ToHexString(recorded.MetadataBytes.Span)} {string.Join(',', recorded.Tags)} "
            + $"{recorded.CorrelationId} {recorded.CausationId} {recorded.Source}";
}
