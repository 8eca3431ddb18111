using Millrace.Storage;
using Millrace.Storage.Caching;
using Millrace.Storage.InMemory;

namespace Millrace.Archive.Tests;

/// <summary>Tests that a store with an archive equals a store without one after random histories.</summary>
public sealed class ArchivedHistoryTests
{
    private const int Seeds = 16;
    private const int Steps = 60;

    public static TheoryData<StoreKind, int> Cases
    {
        get
        {
            var cases = new TheoryData<StoreKind, int>();
            for (var seed = 1; seed <= (TestRun.IsLong ? 25 * Seeds : Seeds); seed++)
            {
                foreach (var kind in SharedStore.All)
                    cases.Add(kind, seed);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_store_with_an_archive_equals_a_store_without_one(StoreKind kind, int seed)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await using var twin = new InMemoryStorage(fixture.Clock);
        await twin.Open(default);
        ILogCopy copy = seed % 2 == 0 ? new LogReplica() : new StreamCache(100_000);
        await using var cached = new CachedStorage(fixture.NewStorage().WithArchive(fixture.Options), copy);
        await cached.Open(default);
        var random = new Random(seed);
        var history = new TwinHistory(random);

        for (var step = 0; step < Steps; step++)
        {
            fixture.Clock.Advance(TimeSpan.FromMinutes(random.Next(1, 90)));
            fixture.SegmentEvents = random.Next(1, 20);
            await Commit(fixture, twin, history);
            if (random.Next(4) == 0)
                await Archive(fixture, random);
            if (random.Next(3) == 0)
                await Compare(twin.Log, fixture.Store.Stored.Primary.Log, history, random);
            if (random.Next(6) == 0)
                await Compare(twin.Log, cached.Log, history, random);
        }

        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        await Compare(twin.Log, fixture.Store.Stored.Primary.Log, history, random);
        await Compare(twin.Log, cached.Log, history, random);
        var check = await fixture.Archive.Check();
        Assert.True(check.IsSound, string.Join(" ", check.Problems));
        Assert.Equal(await twin.Log.Count(EventFilter.All, default), check.Events);
        var report = await fixture.Store.Storage.Maintenance.Verify(null, default);
        Assert.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(one => one.Problems)));
        Assert.Equal(0, report.LostEvents);
    }

    private static async Task Commit(ArchiveFixture fixture, InMemoryStorage twin, TwinHistory history)
    {
        var request = history.Next((await twin.Log.GetHead(default)).Position);
        var expected = (await twin.Log.Commit([request], fixture.Clock.GetUtcNow(), default))[0];

        var actual = await fixture.Store.TryCommit(request, isBackground: false, default);

        Assert.Equal(expected.Result, actual.Result);
        Assert.Equal(expected.Refusal?.Message, actual.Refusal?.Message);
        Assert.Equal(expected.Placements, actual.Placements);
    }

    private static async Task Archive(ArchiveFixture fixture, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var stream = new StreamId(TwinHistory.Streams.ElementAt(random.Next(14)));
                if ((await fixture.Inner.Log.GetStream(stream, default)).Version > 0)
                    await fixture.Archive.Restore(stream);
                break;
            case 1:
                fixture.Clock.Advance(TimeSpan.FromHours(2));
                await fixture.Archive.RestoreAll();
                break;
            case 2:
                await fixture.Archive.Run(new ArchiveSelection { IsClosed = true });
                break;
            case 3:
                var since = fixture.Clock.GetUtcNow() - TimeSpan.FromHours(random.Next(1, 20));
                await fixture.Archive.Run(new ArchiveSelection { InactiveSince = since });
                break;
            default:
                await fixture.Archive.Run(new ArchiveSelection { Streams = $"order-{random.Next(10)}*" });
                break;
        }
    }

    private static async Task Compare(
        ILogStorage expected, ILogStorage actual, TwinHistory history, Random random)
    {
        await CompareStreams(expected, actual, random);
        await CompareLog(expected, actual, history.Filter(), random);
        await CompareLog(expected, actual, EventFilter.All, random);
        var filter = history.Filter();
        Assert.Equal(await expected.Count(filter, default), await actual.Count(filter, default));
        Assert.Equal(await expected.ListRemovals(null, default), await actual.ListRemovals(null, default));
    }

    private static async Task CompareStreams(ILogStorage expected, ILogStorage actual, Random random)
    {
        var streams = await expected.ListStreams("", null, 100, default);
        Assert.Equal(streams, await actual.ListStreams("", null, 100, default));
        foreach (var one in streams.Where(_ => random.Next(3) == 0))
        {
            Assert.Equal(
                await expected.GetStream(one.Stream, default), await actual.GetStream(one.Stream, default));
            var isBackwards = random.Next(2) == 0;
            var from = random.Next(2) == 0 ? random.NextInt64(1, one.Version + 2) : isBackwards ? long.MaxValue : 1;
            var query = new StreamPageQuery(one.Stream, from, isBackwards, random.Next(1, 6));
            var (page, found) = (await expected.ReadStream(query, default), await actual.ReadStream(query, default));
            Assert.Equal(page.Events.Select(Text), found.Events.Select(Text));
            Assert.Equal(page.IsEnd, found.IsEnd);
            Assert.Equal(page.IsEnd ? 0 : page.Next, found.IsEnd ? 0 : found.Next);
            var folded = await actual.ReadStream(query with { IsFolded = true }, default);
            Assert.Equal(page.Events.Select(Content), folded.Events.Select(Content));
            foreach (var recorded in page.Events)
            {
                // After a deletion, an append can be repeated with the same ids.
                Assert.Equal(
                    Text((await expected.FindEvent(one.Stream, recorded.Id, default))!),
                    Text((await actual.FindEvent(one.Stream, recorded.Id, default))!));
                Assert.Equal(
                    (await expected.FindEvent(recorded.Id, default))!.Position,
                    (await actual.FindEvent(recorded.Id, default))!.Position);
            }
        }
    }

    /// <summary>Compares all pages from a random position, in both directions.</summary>
    private static async Task CompareLog(
        ILogStorage expected, ILogStorage actual, EventFilter filter, Random random)
    {
        var head = await expected.GetHead(default);
        Assert.Equal(head, await actual.GetHead(default));
        foreach (var isBackwards in new[] { false, true })
        {
            var query = new LogPageQuery(
                filter, random.NextInt64(1, head.Position + 2), isBackwards, random.Next(1, 12));
            var all = await ReadAll(expected, query);
            Assert.Equal(all.Select(Text), (await ReadAll(actual, query)).Select(Text));
            var pages = actual.ReadPages(query);
            await using var _ = pages;
            var events = new List<RecordedEvent>();
            while (true)
            {
                var page = await pages.Next(default);
                events.AddRange(page.Events);
                if (page.IsEnd)
                    break;
            }
            Assert.Equal(all.Select(Text), events.Select(Text));
            var brief = await actual.ReadLog(query with { IsBrief = true, Limit = 1_000 }, default);
            Assert.Equal(all.Select(one => one.ContentType), brief.Events.Select(one => one.ContentType));
        }
        var seen = head with { Position = Math.Max(0, head.Position - 5) };
        var update = await actual.ReadUpdate(seen, 10, default);
        Assert.Equal((await expected.ReadUpdate(seen, 10, default)).Events.Select(Text), update.Events.Select(Text));
    }

    private static async Task<List<RecordedEvent>> ReadAll(ILogStorage log, LogPageQuery query)
    {
        var events = new List<RecordedEvent>();
        while (true)
        {
            var page = await log.ReadLog(query, default);
            events.AddRange(page.Events);
            if (page.IsEnd)
                return events;
            query = query with { From = page.Next };
        }
    }

    private static string Content(RecordedEvent recorded) =>
        $"{recorded.Version} {recorded.Type} {recorded.SchemaVersion} {recorded.ContentType} "
            + Convert.ToHexString(recorded.Payload.Span);

    private static string Text(RecordedEvent recorded) =>
        $"{recorded.Position} {recorded.Stream} {Content(recorded)} {recorded.Id} {recorded.Timestamp:O} "
            + $"{Convert.ToHexString(recorded.MetadataBytes.Span)} {string.Join(',', recorded.Tags)} "
            + $"{recorded.CorrelationId} {recorded.CausationId} {recorded.Source} {recorded.EncryptionKeyId}";
}
