using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can read the past state of a stream over HTTP.</summary>
public sealed class EntityEndpointTests
{
    private const string Root = "/millrace/at";

    [Fact]
    public async Task A_stream_is_shown_at_a_position_and_compared_with_another()
    {
        await using var app = await OperatorsApp.Start();
        var book = await app.Add(copies: 3);
        foreach (var reader in (string[])["ada", "bob"])
            (await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader })).EnsureSuccessStatusCode();

        var then = await Get(app, $"?stream=book-{book}&when=2");
        var now = await Get(app, $"?stream=book-{book}&when=2100-01-01");
        var found = await Get(app, $"?stream=book-{book}&when=1&and=now");

        Assert.Equal((2, "Book"), (then.GetProperty("version").GetInt32(), then.GetProperty("aggregate").GetString()));
        Assert.Equal("lend-book", then.GetProperty("last").GetProperty("command").GetString());
        Assert.Equal(1, then.GetProperty("documents").GetArrayLength());
        Assert.Equal((3, 2), (now.GetProperty("position").GetInt32(), now.GetProperty("documents").GetArrayLength()));
        Assert.Equal(
            (2, 2), (found.GetProperty("eventCount").GetInt32(), found.GetProperty("changes").GetArrayLength()));
        Assert.Equal("added", found.GetProperty("changes")[0].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Unknown_names_and_invalid_requests_are_reported()
    {
        await using var app = await OperatorsApp.Start();
        var book = await app.Add();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "?stream=book-none")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root)).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync($"{Root}?stream=book-{book}&when=soonish")).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync($"{Root}?stream=book-{book}&and=1")).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync($"{Root}?stream=book-{book}&when=1&and=0")).Problem());
        app.Client.DefaultRequestHeaders.Remove("X-User");
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync($"{Root}?stream=book-{book}")).StatusCode);
    }

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(Root + path);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.Json();
    }
}
