using System.Net;
using System.Text.Json;
using Millrace.AspNetCore.Tests.Access;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can search the log over HTTP.</summary>
public sealed class EventEndpointTests
{
    private const string Events = "/millrace/events";

    [Fact]
    public async Task The_newest_events_are_first_and_pages_continue_to_the_start()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 5);

        var first = await Get(app, $"{Events}?limit=2");
        var second = await Get(app, $"{Events}?limit=2&before={first.GetProperty("next")}");
        var last = await Get(app, $"{Events}?limit=2&before={second.GetProperty("next")}");

        Assert.Equal(5, first.GetProperty("head").GetInt64());
        Assert.Equal([5L, 4L], Positions(first));
        Assert.Equal([3L, 2L], Positions(second));
        Assert.Equal([1L], Positions(last));
        Assert.False(last.TryGetProperty("next", out _));
        var newest = first.GetProperty("events")[0];
        Assert.Equal("""{"page":5}""", newest.GetProperty("preview").GetString());
        Assert.Equal(("scan-a", "page.scanned"), (
            newest.GetProperty("stream").GetString(), newest.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Events_after_a_position_are_returned_in_the_order_of_the_log()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 4);

        Assert.Equal([3L, 4L], Positions(await Get(app, $"{Events}?after=2")));
        Assert.Equal([1L], Positions(await Get(app, $"{Events}?after=0&limit=1")));
        Assert.Empty(Positions(await Get(app, $"{Events}?before=1")));
        Assert.Empty(Positions(await Get(app, $"{Events}?after=4")));
    }

    [Fact]
    public async Task A_search_combines_type_tag_stream_correlation_and_time()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 2);
        var correlation = Guid.CreateVersion7();
        await app.Store.Append(
            new StreamId("scan-b"),
            ExpectedVersion.NoStream,
            [
                NewEvent.FromBytes("page.scanned", "{}"u8.ToArray()) with
                {
                    Tags = [Tag.Parse("shelf:7")],
                    CorrelationId = correlation,
                },
            ]);
        var book = await app.Add();

        Assert.Equal([3L, 2L, 1L], Positions(await Get(app, $"{Events}?type=page.scanned")));
        Assert.Equal([4L], Positions(await Get(app, $"{Events}?type=book.added&stream=book-{book}")));
        Assert.Equal([3L], Positions(await Get(app, $"{Events}?tag=shelf:7")));
        Assert.Equal([3L], Positions(await Get(app, $"{Events}?correlation={correlation}&stream=scan")));
        Assert.Empty(Positions(await Get(app, $"{Events}?to=2001-01-01")));
        Assert.Equal(4, Positions(await Get(app, $"{Events}?from=2001-01-01")).Count);
    }

    [Fact]
    public async Task A_preview_is_cut_between_characters_and_other_bytes_have_none()
    {
        await using var app = await OperatorsApp.Start();
        var text = $$"""{"text":"{{string.Concat(Enumerable.Repeat("🚲", 100))}}"}""";
        await app.Store.Append(
            new StreamId("scan-c"),
            ExpectedVersion.NoStream,
            [
                NewEvent.FromBytes("page.scanned", System.Text.Encoding.UTF8.GetBytes(text)),
                NewEvent.FromBytes("page.scanned", new byte[] { 0xFF, 0x00 }, "application/octet-stream"),
            ]);

        var page = await Get(app, $"{Events}?after=0");
        var preview = page.GetProperty("events")[0].GetProperty("preview").GetString()!;

        Assert.StartsWith(preview, text, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(preview), 230, 240);
        Assert.False(page.GetProperty("events")[1].TryGetProperty("preview", out _));
        Assert.Equal(2, page.GetProperty("events")[1].GetProperty("dataBytes").GetInt32());
    }

    [Fact]
    public async Task An_event_is_found_by_its_position_and_its_id()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 3);

        var byPosition = await Get(app, $"{Events}/2");
        var byId = await Get(app, $"{Events}/{byPosition.GetProperty("id").GetString()}");

        Assert.Equal(2, byPosition.GetProperty("data").GetProperty("page").GetInt32());
        Assert.Equal(2, byId.GetProperty("position").GetInt64());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync($"{Events}/4")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync($"{Events}/{Guid.Empty}")).Problem());
    }

    [Fact]
    public async Task Types_and_streams_are_listed()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 1);
        var book = await app.Add();

        var listed = await Get(app, "/millrace/event-types");
        var types = listed.EnumerateArray().Select(name => name.GetString()).ToList();
        var some = await Get(app, "/millrace/stream-names?prefix=sc");
        var one = await Get(app, "/millrace/stream-names?limit=1");

        Assert.Contains("book.added", types);
        var scan = Assert.Single(some.GetProperty("streams").EnumerateArray());
        Assert.Equal("scan-a", scan.GetProperty("stream").GetString());
        Assert.True(some.GetProperty("isComplete").GetBoolean());
        Assert.Equal($"book-{book}", one.GetProperty("streams")[0].GetProperty("stream").GetString());
        Assert.False(one.GetProperty("isComplete").GetBoolean());
    }

    [Fact]
    public async Task Streams_of_Millrace_itself_can_be_left_out()
    {
        await using var app = await OperatorsApp.Start();
        await AppendScans(app, 1);
        for (var i = 0; i < 20; i++)
            await app.Store.Append(
                new StreamId("$probe"), ExpectedVersion.Any, [NewEvent.FromBytes("probe.made", "{}"u8.ToArray())]);

        var all = await Get(app, $"{Events}?limit=5");
        var own = await Get(app, $"{Events}?limit=5&withoutSystem=true");

        Assert.Equal([21L, 20L, 19L, 18L, 17L], Positions(all));
        Assert.Equal([1L], Positions(own));
        Assert.Equal(0, own.GetProperty("hidden").GetInt32());
    }

    [Theory]
    [InlineData("?limit=201")]
    [InlineData("?before=0")]
    [InlineData("?before=2&after=1")]
    [InlineData("?correlation=seven")]
    [InlineData("?from=yesterday")]
    [InlineData("?tag=")]
    [InlineData("/seven")]
    [InlineData("/0")]
    public async Task A_malformed_search_is_refused(string query)
    {
        await using var app = await OperatorsApp.Start();

        var response = await app.Client.GetAsync(Events + query);

        if (query == "?tag=")
            Assert.Equal(HttpStatusCode.OK, response.StatusCode); // An empty filter is none.
        else
            Assert.Equal((400, "malformed-request"), await response.Problem());
    }

    [Fact]
    public async Task Events_of_streams_that_the_caller_may_not_read_are_only_counted()
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");
        var events = await (await app.Get("lea:librarian,operator", Events)).Json();
        var newest = events.GetProperty("events")[0];
        var stream = newest.GetProperty("stream").GetString()!;
        var position = newest.GetProperty("position").GetInt64();

        var guest = await app.Get("gil:guest", Events);
        var blind = await (await app.Get("opa:operator", Events)).Json();

        Assert.StartsWith("book-", stream, StringComparison.Ordinal);
        Assert.Empty(Positions(blind));
        Assert.Equal(blind.GetProperty("head").GetInt64(), blind.GetProperty("hidden").GetInt64());
        Assert.Equal((403, "read book"), await (await app.Get("opa:operator", $"{Events}/{position}")).Denial());
        Assert.Empty((await (await app.Get("opa:operator", "/millrace/stream-names")).Json())
            .GetProperty("streams").EnumerateArray());
        Assert.Equal((403, "operate overview"), await guest.Denial());
    }

    private static Task<AppendResult> AppendScans(LibraryApp app, int pages) =>
        app.Store.Append(
            new StreamId("scan-a"),
            ExpectedVersion.NoStream,
            [
                .. Enumerable.Range(1, pages).Select(page =>
                    NewEvent.FromBytes("page.scanned", JsonSerializer.SerializeToUtf8Bytes(new { page }))),
            ]);

    private static List<long> Positions(JsonElement page) =>
        [.. page.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("position").GetInt64())];

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Json();
    }
}
