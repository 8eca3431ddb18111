using System.Security.Cryptography;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that large pages of the log (by COPY) and small ones (by SELECT) contain the same events.</summary>
public sealed class PageTests : StoreTests
{
    private const int Large = 1_000;
    private const int Small = 7;
    private const int MebiByte = 1024 * 1024;

    [PostgreSqlFact]
    public async Task Large_pages_hold_the_same_events_as_small_ones()
    {
        await using var storage = await Given.Open(Database);
        var given = Enumerable.Range(0, 40).Select(Event).ToArray();
        for (var i = 0; i < given.Length; i++)
            await storage.Commit(Given.Append($"påge-{i % 3}", ExpectedVersion.Any, given[i]));

        var large = await Read(storage, new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Large));
        var small = await Read(storage, new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Small));
        var backwards = await Read(storage, new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Large));

        Assert.Equal(given.Select(one => one.Id), large.Select(one => one.Id));
        Assert.Equal(given.Select(one => Hash(one.Payload)), large.Select(one => Hash(one.Payload)));
        Assert.Equal(small.Select(Text), large.Select(Text));
        Assert.Equal(Enumerable.Reverse(small).Select(Text), backwards.Select(Text));
    }

    [PostgreSqlFact]
    public async Task A_large_page_that_is_asked_for_briefly_leaves_payloads_out()
    {
        await using var storage = await Given.Open(Database);
        await storage.Commit(Given.Append("a", ExpectedVersion.NoStream, Event(3), Event(4)));

        var brief = new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Large) { IsBrief = true };
        var page = await storage.Log.ReadLog(brief, CancellationToken.None);

        Assert.Equal([1, 2], page.Events.Select(one => one.Position));
        Assert.All(page.Events, one => Assert.True(one.Payload.IsEmpty && one.MetadataBytes.IsEmpty));
    }

    [PostgreSqlFact]
    public async Task A_page_whose_events_are_only_folded_holds_what_folding_needs_and_leaves_out_the_rest()
    {
        await using var storage = await Given.Open(Database);
        await storage.Commit(Given.Append("a", ExpectedVersion.NoStream, [.. Enumerable.Range(0, 20).Select(Event)]));

        var query = new StreamPageQuery(new StreamId("a"), 3, IsBackwards: false, Large);
        var whole = await storage.Log.ReadStream(query, CancellationToken.None);
        var folded = await storage.Log.ReadStream(query with { IsFolded = true }, CancellationToken.None);

        Assert.Equal(whole.Events.Select(Needed), folded.Events.Select(Needed));
        Assert.Equal((18, 21L, true), (folded.Events.Count, folded.Next, folded.IsEnd));
        Assert.All(
            folded.Events, one => Assert.True(one.MetadataBytes.IsEmpty && one.Tags.Count == 0 && one.Source is null));

        static string Needed(RecordedEvent one) =>
            $"{one.Position} {one.Stream} {one.Version} {one.Type} {one.SchemaVersion} {one.ContentType} "
                + $"{Hash(one.Payload)}";
    }

    [PostgreSqlFact]
    public async Task A_page_is_empty_at_the_end_of_the_log()
    {
        await using var storage = await Given.Open(Database);
        await storage.Commit(Given.Append("a", ExpectedVersion.NoStream, Event(1)));

        var page = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, 2, IsBackwards: false, Large), CancellationToken.None);

        Assert.Empty(page.Events);
        Assert.Equal((2, true), (page.Next, page.IsEnd));
    }

    [PostgreSqlFact]
    public async Task A_page_ends_at_its_byte_limit_and_the_next_one_continues()
    {
        const int Events = 40;
        await using var storage = await Given.Open(Database);
        for (var i = 0; i < Events; i++)
        {
            var large = Given.Event(payload: $"\"{new string('x', MebiByte)}\"");
            await storage.Commit(Given.Append("large", ExpectedVersion.Any, large));
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

    private static string Text(RecordedEvent one) =>
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.Timestamp:O} {one.Type} {one.SchemaVersion} "
            + $"{one.ContentType} "
        + $"{one.Source} {one.EncryptionKeyId} {one.CorrelationId} {one.CausationId} {string.Join(';', one.Tags)} "
        + $"{Hash(one.MetadataBytes)} {Hash(one.Payload)}";

    private static string Hash(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes.Span));
}
