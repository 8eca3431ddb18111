using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests SQL statements of operators over HTTP.</summary>
public sealed class SqlEndpointTests
{
    private const string Route = "/millrace/sql";
    private const string Endless =
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1";

    [Fact]
    public async Task An_operator_receives_rows_with_their_columns()
    {
        await using var app = await Start();
        await app.Store.Append(new StreamId("note-1"), ExpectedVersion.Any, [
            NewEvent.FromBytes("note.taken", """{"size":1.50,"lines":[1,2]}"""u8.ToArray()),
        ]);

        var response = await Post(app, new { statement = "SELECT size, lines, NULL AS n FROM event_note_taken" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("[[1.50,[1,2],null]]", answer.GetProperty("rows").GetRawText());
        Assert.Equal("DECIMAL(3,2)", answer.GetProperty("columns")[0].GetProperty("type").GetString());
        Assert.False(answer.GetProperty("isCut").GetBoolean());
        Assert.True(answer.GetProperty("position").GetInt64() >= 1);
    }

    [Fact]
    public async Task Errors_and_limits_are_problems()
    {
        await using var app = await Start();

        var bad = await Post(app, new { statement = "SELECT *\nFROM evnts" });
        var writes = await Post(app, new { statement = "DROP VIEW events" });
        var missing = await Post(app, new { });
        var limited = await Post(app, new { statement = Endless, seconds = 1 });
        var cut = await Post(app, new { statement = "FROM range(5)", maxRows = 2 });

        Assert.Equal(
            (HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest),
            (bad.StatusCode, writes.StatusCode, missing.StatusCode));
        var problem = await bad.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("invalid-sql", problem.GetProperty("error").GetString());
        Assert.StartsWith(
            "Line 2, column 6: ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, limited.StatusCode);
        Assert.True((await cut.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("isCut").GetBoolean());
    }

    [Fact]
    public async Task Only_operators_may_ask_and_their_reads_are_in_the_audit_trail()
    {
        await using var app = await Start();
        await Post(app, new { statement = "SELECT count(*) FROM events JOIN consumers ON true" });
        await Post(app, new { statement = "SELECT" });
        app.Client.DefaultRequestHeaders.Remove("X-User");
        app.Client.DefaultRequestHeaders.Add("X-User", "bob");

        var refused = await Post(app, new { statement = "SELECT 1" });

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var query = new AuditQuery { Action = "operator.POST /sql" };
        var entries = await AuditTrails.Of(app.Store).Read(query).ToListAsync();
        Assert.Equal(("ada", AuditResult.Succeeded), (entries[0].User, entries[0].Result));
        Assert.EndsWith("/sql?views=consumers,events", entries[0].Resource, StringComparison.Ordinal);
        Assert.DoesNotContain(entries.Skip(1), static entry => entry.Result == AuditResult.Succeeded);
    }

    [Fact]
    public async Task Failed_statements_that_read_are_recorded_and_a_parameter_hides_no_view()
    {
        await using var app = await Start();
        var failing = new { statement = "SELECT CAST(string_agg(type, ';') AS INTEGER) FROM events" };

        var failed = await Post(app, failing);
        await app.Client.PostAsJsonAsync(
            $"{Route}?stream={new string('a', 700)}", new { statement = "SELECT count(*) FROM consumers" });

        Assert.Equal(HttpStatusCode.BadRequest, failed.StatusCode);
        var query = new AuditQuery { Action = "operator.POST /sql" };
        var entries = await AuditTrails.Of(app.Store).Read(query).ToListAsync();
        Assert.Equal(
            [("/sql?views=events", AuditResult.Failed), ("/sql?views=consumers", AuditResult.Succeeded)],
            entries.Select(static entry =>
                (entry.Resource[entry.Resource.IndexOf("/sql", StringComparison.Ordinal)..], entry.Result)));
    }

    [Fact]
    public async Task A_statement_with_more_views_than_an_entry_can_name_is_refused()
    {
        await using var app = await Start();
        string[] types = [.. Enumerable.Range(0, 6).Select(number => $"{new string('a', 90)}_{number}")];
        NewEvent[] events = [.. types.Select(static type => NewEvent.FromBytes(type, "{}"u8.ToArray()))];
        await app.Store.Append(new StreamId("many-1"), ExpectedVersion.Any, events);

        var views = string.Join(", ", types.Select(static type => $"event_{type}"));
        var refused = await Post(app, new { statement = $"SELECT count(*) FROM {views}" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(
            "Use fewer views", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_sql_there_is_no_route()
    {
        await using var app = await OperatorsApp.Start();

        Assert.Equal(HttpStatusCode.NotFound, (await Post(app, new { statement = "SELECT 1" })).StatusCode);
    }

    private static Task<LibraryApp> Start() => OperatorsApp.Start(
        millrace: static millrace => millrace.UseSql().AddAudit());

    private static Task<HttpResponseMessage> Post(LibraryApp app, object body) =>
        app.Client.PostAsJsonAsync(Route, body);
}
