using Millrace.Storage;
using Millrace.Storage.Caching;

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
            await AssertEqual(writing.Log, cached.Log, random);
        }
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
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(Read)).ToArray();
        while (!ending.IsCancellationRequested)
        {
            await writing.Log.Commit([Append(stream)], TimeProvider.System.GetUtcNow(), default);
            Interlocked.Increment(ref acknowledged);
        }
        var reads = await Task.WhenAll(readers);
        Assert.All(reads, count => Assert.True(count > 10, $"{count} reads"));

        async Task<int> Read()
        {
            var count = 0;
            for (; !ending.IsCancellationRequested; count++)
            {
                var expected = Interlocked.Read(ref acknowledged);
                var page = await cached.Log.ReadStream(new StreamPageQuery(stream, long.MaxValue, true, 1), default);
                Assert.True((page.Events is [var last] ? last.Version : 0) >= expected);
                var whole = await cached.Log.ReadStream(new StreamPageQuery(stream, 1, false, 10_000), default);
                Assert.Equal(
                    Enumerable.Range(1, whole.Events.Count).Select(version => (long)version),
                    whole.Events.Select(recorded => recorded.Version));
                Assert.True(whole.Events.Count >= expected);
            }
            return count;
        }
    }

    private static ILogCopy NewCopy(bool isWhole) => isWhole ? new LogReplica() : new StreamCache(100_000);

    private static CommitRequest Append(StreamId stream) => new()
    {
        Appends =
        [
            new StreamAppend(
                stream,
                ExpectedVersion.Any,
                [new EncodedEvent { Id = Guid.CreateVersion7(), Type = "counted", Payload = "{}"u8.ToArray() }]),
        ],
    };

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
