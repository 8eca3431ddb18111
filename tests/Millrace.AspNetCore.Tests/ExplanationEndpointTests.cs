using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Operators ask over HTTP why a value is what it is.</summary>
public sealed class ExplanationEndpointTests
{
    private const string Root = "/millrace/why";

    [Fact]
    public async Task Nobody_asks_without_the_policy()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Remove("X-User");

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync(Root + "/reader-loans/ada")).StatusCode);
        app.Client.DefaultRequestHeaders.Add("X-User", "reader");
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root + "/reader-loans/ada")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root + "?path=reader-loans/ada")).StatusCode);
    }

    [Fact]
    public async Task The_last_change_comes_first_with_rule_command_and_build()
    {
        await using var app = await Start();
        var book = await app.Add(copies: 3);
        for (var i = 0; i < 3; i++)
            (await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "ada" })).EnsureSuccessStatusCode();
        await app.Consumers.WaitFor("reader-loans@1", await app.Store.GetToken(), TimeSpan.FromSeconds(20));

        var found = await Get(app, "/reader-loans/ada?member=loans&most=2");
        var same = await Get(app, "?path=reader-loans/ada.loans&most=2");

        Assert.Equal(
            ("document", "reader-loans", "ada", "loans", 3),
            (Text(found, "kind"), Text(found, "name"), Text(found, "key"), Text(found, "member"), found.GetProperty("value").GetInt32()));
        Assert.Equal((3, 2), (found.GetProperty("changeCount").GetInt32(), found.GetProperty("changes").GetArrayLength()));
        var answer = found.GetProperty("changes")[0];
        Assert.Equal((2, 3), (answer.GetProperty("before").GetInt32(), answer.GetProperty("after").GetInt32()));
        Assert.Equal(
            ("book.lent", "lend-book", "1.2.3", "ReaderLoansProjection.Fold(BookLent)"),
            (Text(answer, "type"), Text(answer, "command"), Text(answer, "applicationVersion"),
                answer.GetProperty("rules")[0].GetString()));
        Assert.Equal("same", Text(found.GetProperty("stored"), "state"));
        Assert.Equal(found.GetRawText(), same.GetRawText());
    }

    [Fact]
    public async Task The_state_of_a_decider_is_explained_by_its_stream()
    {
        await using var app = await Start();
        var reader = new StreamId("reader-ada");
        await app.Store.Append(reader, ExpectedVersion.NoStream, [new BookLent("ada"), new BookLent("ada")]);

        var found = await Get(app, "?stream=reader-ada");
        var same = await Get(app, "?path=reader-ada");
        var view = await (await app.Client.GetAsync("/millrace/at?stream=reader-ada&when=1")).Json();

        Assert.Equal(
            ("decider", "Reading", "reader-ada", "2"),
            (Text(found, "kind"), Text(found, "name"), Text(found, "stream"), Text(found, "value")));
        Assert.Equal("Reading.Evolve(BookLent)", found.GetProperty("changes")[0].GetProperty("rules")[0].GetString());
        Assert.Equal(found.GetRawText(), same.GetRawText());
        Assert.Equal(("Reading", "1"), (Text(view, "aggregate"), Text(view, "state")));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("100% #1? / é%20")]
    [InlineData("..")]
    public async Task Every_key_survives_the_way_there(string key)
    {
        await using var app = await Start();
        await app.Store.Append(new StreamId("reader-1"), ExpectedVersion.NoStream, [new BookLent(key)]);
        await app.Consumers.WaitFor("reader-loans@1", await app.Store.GetToken(), TimeSpan.FromSeconds(20));

        var asked = await Get(app, $"?readModel=reader-loans&key={Uri.EscapeDataString(key)}&member=loans");

        Assert.Equal((key, 1), (Text(asked, "key"), asked.GetProperty("value").GetInt32()));
        if (key == "..")
            return; // No client sends such a path.
        Assert.Equal(asked.GetRawText(), (await Get(app, $"/reader-loans/{Uri.EscapeDataString(key)}?member=loans")).GetRawText());
    }

    [Fact]
    public async Task What_is_not_there_or_not_asked_right_is_told()
    {
        await using var app = await Start();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/no-such/ada")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "?path=nothing")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "?stream=ship-1")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root)).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "/reader-loans/")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "?readModel=reader-loans")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "/reader-loans/ada?most=x")).Problem());
        Assert.Equal((400, "invalid-name"), await (await app.Client.GetAsync(Root + "/reader-loans/ada?member=a..b")).Problem());
        Assert.Equal("a/b", (await Get(app, "/reader-loans/a%2Fb")).GetProperty("key").GetString());
        Assert.Equal(0, (await Get(app, "/reader-loans/eve")).GetProperty("events").GetInt32());
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(Root + path);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.Json();
    }

    private static Task<LibraryApp> Start() => OperatorsApp.Start(
        allowDecisions: false, millrace => millrace.ConfigureStore(store => store.ApplicationVersion = "1.2.3"));
}
