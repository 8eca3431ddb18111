using System.Security.Cryptography;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that large pages of the log, which use COPY, contain the same events as small pages, which use SELECT.
/// </summary>
public sealed class PageTests : StoreTests
{
    private const int Large = 1_000;
    private const int Small = 7;
    private const int MebiByte = 1024 * 1024;

    [PostgreSqlFact]
    public async Task Large_pages_contain_the_same_events_as_small_pages()
    {
        await using var storage = await TestData.Open(Database);
        var appended = Enumerable.Range(0, 40).Select(Event).ToArray();
        for (var i = 0; i < appended.Length; i++)
            await storage.Commit(TestData.Append($"påge-{i % 3}", ExpectedVersion.Any, appended[i]));

        var large = await Read(storage, new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Large));
        var small = await Read(storage, new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Small));
        var backwards = await Read(storage, new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Large));

        Assert.Equal(appended.Select(e => e.Id), large.Select(e => e.Id));
        Assert.Equal(appended.Select(e => Hash(e.Payload)), large.Select(e => Hash(e.Payload)));
        Assert.Equal(small.Select(Text), large.Select(Text));
        Assert.Equal(Enumerable.Reverse(small).Select(Text), backwards.Select(Text));
    }

    [PostgreSqlFact]
    public async Task A_brief_large_page_contains_no_payloads()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, Event(3), Event(4)));

        var brief = new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Large) { IsBrief = true };
        var page = await storage.Log.ReadLog(brief, CancellationToken.None);

        Assert.Equal([1, 2], page.Events.Select(e => e.Position));
        Assert.All(page.Events, e => Assert.True(e.Payload.IsEmpty && e.MetadataBytes.IsEmpty));
    }

    [PostgreSqlFact]
    public async Task A_page_for_folding_contains_only_the_data_that_folding_needs()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Commit(
            TestData.Append("a", ExpectedVersion.NoStream, [.. Enumerable.Range(0, 20).Select(Event)]));

        var query = new StreamPageQuery(new StreamId("a"), 3, IsBackwards: false, Large);
        var complete = await storage.Log.ReadStream(query, CancellationToken.None);
        var folded = await storage.Log.ReadStream(query with { IsFolded = true }, CancellationToken.None);

        Assert.Equal(complete.Events.Select(Needed), folded.Events.Select(Needed));
        Assert.Equal((18, 21L, true), (folded.Events.Count, folded.Next, folded.IsEnd));
        Assert.All(
            folded.Events, e => Assert.True(e.MetadataBytes.IsEmpty && e.Tags.Count == 0 && e.Source is null));

        static string Needed(RecordedEvent e) =>
            $"{e.Position} {e.Stream} {e.Version} {e.Type} {e.SchemaVersion} "
                + $"{e.ContentType} {Hash(e.Payload)}";
    }

    [PostgreSqlFact]
    public async Task A_page_is_empty_at_the_end_of_the_log()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, Event(1)));

        var page = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, 2, IsBackwards: false, Large), CancellationToken.None);

        Assert.Empty(page.Events);
        Assert.Equal((2, true), (page.Next, page.IsEnd));
    }

    [PostgreSqlFact]
    public async Task A_page_ends_at_its_byte_limit_and_the_next_one_continues()
    {
        const int Events = 40;
        await using var storage = await TestData.Open(Database);
        for (var i = 0; i < Events; i++)
        {
            var large = TestData.Event(payload: $"\"{new string('x', MebiByte)}\"");
            await storage.Commit(TestData.Append("large", ExpectedVersion.Any, large));
        }

        var first = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Large), CancellationToken.None);
        var rest = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, first.Next, IsBackwards: false, Large),
            CancellationToken.None);
        var ofStream = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(_ =>
                    Task.Run(async () =>
                        await storage.Log.ReadStream(
                            new StreamPageQuery(new StreamId("large"), 1, IsBackwards: false, Large), default))));

        Assert.InRange(first.Events.Count, 30, 34);
        Assert.Equal((first.Events.Count + 1, false), (first.Next, first.IsEnd));
        Assert.Equal((Events, true), (first.Events.Count + rest.Events.Count, rest.IsEnd));
        Assert.All(ofStream, page => Assert.Equal((first.Events.Count, first.Next), (page.Events.Count, page.Next)));
    }

    private static EncodedEvent Event(int number)
    {
        var payload = new byte[number % 5 == 4 ? 200_000 + number : number * 97];
        new Random(number).NextBytes(payload);
        return new EncodedEvent
        {
            Id = Guid.CreateVersion7(),
            Type = $"thing.happened-{number % 2}",
            SchemaVersion = number + 1,
            Payload = payload,
            MetadataBytes = number % 3 == 0 ? "{\"userId\":\"ü\"}"u8.ToArray() : default(ReadOnlyMemory<byte>),
            ContentType = number % 4 == 0 ? "application/cbor" : EventContentType.Json,
            Source = number % 6 == 0 ? "import" : null,
            EncryptionKeyId = number % 7 == 0 ? "key" : null,
            CorrelationId = number % 2 == 0 ? Guid.CreateVersion7() : null,
            CausationId = number % 3 == 1 ? Guid.CreateVersion7() : null,
            Tags = number % 5 == 0 ? [new Tag("customer", $"\"{number}\""), new Tag("région", "{a,b}")] : [],
        };
    }

    private static async Task<List<RecordedEvent>> Read(PostgreSqlStorage storage, LogPageQuery query)
    {
        var all = new List<RecordedEvent>();
        while (true)
        {
            var page = await storage.Log.ReadLog(query, CancellationToken.None);
            all.AddRange(page.Events);
            if (page.IsEnd)
                return all;
            query = query with { From = page.Next };
        }
    }

    private static string Text(RecordedEvent e) =>
        $"{e.Position} {e.Stream} {e.Version} {e.Id} {e.Timestamp:O} {e.Type} {e.SchemaVersion} "
            + $"{e.ContentType} {e.Source} {e.EncryptionKeyId} {e.CorrelationId} {e.CausationId} "
            + $"{string.Join(';', e.Tags)} {Hash(e.MetadataBytes)} {Hash(e.Payload)}";

    private static string Hash(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes.Span));
}
