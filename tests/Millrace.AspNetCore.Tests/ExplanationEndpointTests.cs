using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can request an explanation of a value over HTTP.</summary>
public sealed class ExplanationEndpointTests
{
    private const string Root = "/millrace/why";

    [Fact]
    public async Task Explanations_are_refused_to_callers_outside_the_policy()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Remove("X-User");

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync(Root + "/reader-loans/ada")).StatusCode);
        app.Client.DefaultRequestHeaders.Add("X-User", "reader");
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root + "/reader-loans/ada")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root + "?path=reader-loans/ada")).StatusCode);
    }

    [Fact]
    public async Task The_last_change_is_first_with_its_rule_command_and_build()
    {
        await using var app = await Start();
        var book = await app.Add(copies: 3);
        for (var i = 0; i < 3; i++)
            (
                await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "ada" })
            ).EnsureSuccessStatusCode();
        await app.Consumers.WaitFor("reader-loans@1", await app.Store.GetToken(), TimeSpan.FromSeconds(60));

        var found = await Get(app, "/reader-loans/ada?member=loans&most=2");
        var same = await Get(app, "?path=reader-loans/ada.loans&most=2");

        Assert.Equal(
            ("document", "reader-loans", "ada", "loans", 3),
            (
                Text(found, "kind"),
                Text(found, "name"),
                Text(found, "key"),
                Text(found, "member"),
                found.GetProperty("value").GetInt32()));
        Assert.Equal(
            (3, 2), (found.GetProperty("changeCount").GetInt32(), found.GetProperty("changes").GetArrayLength()));
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
    public async Task Every_key_is_read_correctly_from_the_request(string key)
    {
        await using var app = await Start();
        await app.Store.Append(new StreamId("reader-1"), ExpectedVersion.NoStream, [new BookLent(key)]);
        await app.Consumers.WaitFor("reader-loans@1", await app.Store.GetToken(), TimeSpan.FromSeconds(60));

        var byQuery = await Get(app, $"?readModel=reader-loans&key={Uri.EscapeDataString(key)}&member=loans");

        Assert.Equal((key, 1), (Text(byQuery, "key"), byQuery.GetProperty("value").GetInt32()));
        if (key == "..")
            return; // HTTP clients cannot send such a path.
        Assert.Equal(
            byQuery.GetRawText(),
            (await Get(app, $"/reader-loans/{Uri.EscapeDataString(key)}?member=loans")).GetRawText());
    }

    [Fact]
    public async Task A_search_stops_at_its_limit_with_a_partial_result_and_continues()
    {
        var time = new SkippableTimeProvider();
        await using var app = await OperatorsApp.Start(
            allowDecisions: false, millrace => AddSlowProjection(millrace, time));
        for (var i = 0; i < 5; i++)
            await app.Store.Append(new StreamId("reader-ada"), ExpectedVersion.Any, [new BookLent("ada")]);
        // The projection skips the clock of the test, so the limit is measured without a real delay.
        await Eventually.Get(app.Consumers, "slow-loans@1", status => status is { Checkpoint: 5, LagEvents: 0 });

        var stopped = await Get(app, "/slow-loans/ada?member=loans&seconds=15");
        var rest = await Get(app, $"?path=slow-loans/ada.loans&seconds=300&goOn={Text(stopped, "continuation")}");
        var view = await (await app.Client.GetAsync("/millrace/at?stream=reader-ada&seconds=15")).Json();
        var refused = await app.Client.GetAsync(
            Root + $"?path=slow-loans/eve.loans&goOn={Text(stopped, "continuation")}");

        Assert.Equal(
            (2, 5, false, 2),
            (
                stopped.GetProperty("position").GetInt32(),
                stopped.GetProperty("until").GetInt32(),
                stopped.GetProperty("isComplete").GetBoolean(),
                stopped.GetProperty("value").GetInt32()));
        Assert.Equal(
            (5, true, 5),
            (
                rest.GetProperty("position").GetInt32(),
                rest.GetProperty("isComplete").GetBoolean(),
                rest.GetProperty("value").GetInt32()));
        Assert.False(rest.TryGetProperty("continuation", out _));
        Assert.Equal(
            (5, false), (view.GetProperty("position").GetInt32(), view.GetProperty("isComplete").GetBoolean()));
        Assert.Equal((400, "invalid-name"), await refused.Problem());
    }

    [Fact]
    public async Task Statements_for_tables_are_returned_without_their_values()
    {
        await using var app = await OperatorsApp.Start(
            allowDecisions: false, static millrace => millrace.AddSqlProjection(new Notes()));
        await app.Store.Append(new StreamId("reader-ada"), ExpectedVersion.Any, [new BookLent("ada")]);

        var found = await Get(app, "/notes/reader-ada?member=text");

        Assert.Equal(("table", "inTables"), (Text(found, "kind"), Text(found.GetProperty("stored"), "state")));
        Assert.False(found.TryGetProperty("value", out _));
        Assert.Equal(0, found.GetProperty("changeCount").GetInt32());
        Assert.Equal(1, found.GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task Unknown_names_and_invalid_requests_are_reported()
    {
        await using var app = await Start();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/no-such/ada")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "?path=nothing")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "?stream=ship-1")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root)).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "/reader-loans/")).Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.GetAsync(Root + "?readModel=reader-loans")).Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.GetAsync(Root + "/reader-loans/ada?most=x")).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync(Root + "/reader-loans/ada?seconds=0")).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.GetAsync(Root + "/reader-loans/ada?seconds=301")).Problem());
        Assert.Equal(
            (400, "invalid-name"),
            await (await app.Client.GetAsync(Root + "/reader-loans/ada?goOn=nonsense")).Problem());
        Assert.Equal(
            (400, "invalid-name"),
            await (await app.Client.GetAsync(Root + "?stream=reader-ada&goOn=nonsense")).Problem());
        Assert.Equal(
            (400, "invalid-name"), await (await app.Client.GetAsync(Root + "/reader-loans/ada?member=a..b")).Problem());
        Assert.Equal(0, (await Get(app, "/reader-loans/ada?seconds=0.5")).GetProperty("events").GetInt32());
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

    /// <summary>Registers a read model whose clock advances by a hundred seconds for each event.</summary>
    private static void AddSlowProjection(MillraceBuilder millrace, SkippableTimeProvider time)
    {
        millrace.Services.AddSingleton<TimeProvider>(time);
        millrace.AddModel(model => model.Projection(new ProjectionDefinition<string, ReaderLoans>
        {
            Name = "slow-loans",
            Events = [typeof(BookLent)],
            Create = () => new SlowLoans(time),
            Document = LibraryJson.Default.ReaderLoans,
        }));
    }

    private sealed class SlowLoans(SkippableTimeProvider time) : Projection<string, ReaderLoans>
    {
        protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((BookLent)recorded.Data).Reader);

        protected override ReaderLoans? Fold(string key, ReaderLoans? document, RecordedEvent recorded)
        {
            time.Skip(TimeSpan.FromSeconds(10));
            return new(key, (document?.Loans ?? 0) + 1);
        }
    }

    /// <summary>
    /// An SQL projection without schema statements, because the storage of these tests does not support SQL.
    /// </summary>
    private sealed class Notes() : SqlProjection("notes")
    {
        protected override IReadOnlyList<Type> Events => [typeof(BookLent)];

        protected override IReadOnlyList<string> Schema => [];

        protected override IReadOnlyList<string> Clear => [];

        protected override void Apply(RecordedEvent recorded, SqlBatch batch)
        {
        }
    }
}
