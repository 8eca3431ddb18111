using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can read streams in pages over HTTP.</summary>
public sealed class StreamEndpointTests
{
    private const string Root = "/millrace/streams/";

    [Fact]
    public async Task A_stream_is_read_in_pages_in_both_directions()
    {
        await using var app = await OperatorsApp.Start();
        var book = await app.Add(copies: 3);
        foreach (var reader in (string[])["Ada", "Grace", "Hedy"])
            (await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader })).EnsureSuccessStatusCode();

        var first = await Get(app, $"book-{book}?limit=3");
        var second = await Get(app, $"book-{book}?limit=3&from={first.GetProperty("next").GetInt64()}");
        var last = await Get(app, $"book-{book}?limit=1&backwards=true");

        Assert.Equal(
            (4, 1, "open"),
            (
                first.GetProperty("version").GetInt64(),
                first.GetProperty("firstVersion").GetInt64(),
                first.GetProperty("state").GetString()));
        Assert.Equal([1L, 2L, 3L], Versions(first));
        Assert.Equal([4L], Versions(second));
        Assert.Equal([4L], Versions(last));
        Assert.False(second.TryGetProperty("next", out _));
        var added = first.GetProperty("events")[0];
        Assert.Equal("book.added", added.GetProperty("type").GetString());
        Assert.Equal("Emma", added.GetProperty("data").GetProperty("title").GetString());
        Assert.True(added.GetProperty("metadata").TryGetProperty("request", out _));
    }

    [Fact]
    public async Task Names_with_slashes_and_payloads_that_are_not_JSON_are_returned()
    {
        await using var app = await OperatorsApp.Start();
        var stream = new StreamId("scan-a/b c");
        await app.Store.Append(
            stream,
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("page.scanned", new byte[] { 0xFF, 0x00 }, "application/octet-stream")]);

        foreach (var path in (string[])["scan-a/b%20c", Uri.EscapeDataString(stream.Value)])
        {
            var read = await Get(app, path);
            Assert.Equal("/wA=", read.GetProperty("events")[0].GetProperty("dataBase64").GetString());
        }
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%2fb")]
    [InlineData("a/%2Fb//c")]
    [InlineData("/a/")]
    [InlineData("100% #1?x=1&y=2;+z")]
    [InlineData("%25")]
    [InlineData("Île 日本 🚲")]
    [InlineData("line\nbreak\ttab\\")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task Every_stream_name_is_read_correctly_from_the_request(string name)
    {
        await using var app = await OperatorsApp.Start();
        await app.Store.Append(new StreamId(name), ExpectedVersion.NoStream, [new BookLent("ada")]);

        var byQuery = await app.Client.GetAsync($"/millrace/streams?stream={Uri.EscapeDataString(name)}");

        Assert.Equal(HttpStatusCode.OK, byQuery.StatusCode);
        Assert.Equal(name, (await byQuery.Json()).GetProperty("stream").GetString());
        if (name.Trim('.').Length == 0)
            return; // HTTP clients cannot send such a path.
        Assert.Equal(name, (await Get(app, Uri.EscapeDataString(name))).GetProperty("stream").GetString());
    }

    [Fact]
    public async Task A_missing_stream_or_a_malformed_request_is_refused()
    {
        await using var app = await OperatorsApp.Start();
        var book = await app.Add();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "book-none")).Problem());
        foreach (var nameless in (string[])["/millrace/streams", "/millrace/streams?stream=", Root])
            Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(nameless)).Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.GetAsync($"{Root}book-{book}?limit=1001")).Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.GetAsync($"{Root}book-{book}?from=0")).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync($"{Root}book-{book}?backwards=perhaps")).Problem());
        app.Client.DefaultRequestHeaders.Remove("X-User");
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync($"{Root}book-{book}")).StatusCode);
    }

    private static IEnumerable<long> Versions(JsonElement page) =>
        page.GetProperty("events").EnumerateArray().Select(recorded => recorded.GetProperty("version").GetInt64());

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(Root + path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Json();
    }
}
