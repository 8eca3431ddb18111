using System.Text;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for materialized views, with the state that an application stored.</summary>
public sealed class ViewsTests : IDisposable
{
    // The stored form of a state, which later versions must read.
    private const string Stored = """
        {"name":"best-sellers","version":1,"policy":"manual","declaration":"d",
        "live":"mv-best-sellers@1.1","replaced":[],"builds":1,"fence":1,"logEpoch":1,"position":7,"blockedEvents":0,
        "sources":["sales@1"],"refreshedAt":"2026-01-02T00:00:00+00:00","rows":3,"durationSeconds":0.25,"failures":1,
        "failedAt":"2026-01-02T00:01:00+00:00","error":"The price list is missing."}
        """;

    private const string Immediate = """
        {"name":"totals","version":1,"policy":"immediate","query":"group","declaration":"d","live":"mv-totals@1.1",
        "builds":1,"sources":["sales@1"],"refreshedAt":"2026-01-02T00:00:00+00:00"}
        """;

    private const string Progress = """
        {"live":{"collection":"mv-totals@1.1","logEpoch":1,"leaseEpoch":1,"revision":1,"position":7,"isComplete":true}}
        """;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Views_are_listed_and_dropped()
    {
        await FillFile();

        var table = await _tool.RunOk("views");
        var list = await _tool.RunOk("views", "list", "--json");
        var dropped = await _tool.RunOk("views", "drop", "best-sellers", "--json");
        var again = await _tool.Run("views", "drop", "best-sellers");
        var none = await _tool.RunOk("views");

        Assert.Contains("best-sellers@1", table.Output, StringComparison.Ordinal);
        Assert.Equal("The price list is missing.", list.Json[0].GetProperty("error").GetString());
        Assert.Equal("failing", list.Json[0].GetProperty("state").GetString());
        Assert.Equal(250, list.Json[0].GetProperty("lastMilliseconds").GetDouble());
        Assert.Equal("best-sellers", dropped.Json.GetProperty("dropped").GetString());
        Assert.Equal(3, again.ExitCode);
        Assert.Contains("No application has stored a materialized view", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_without_a_running_application_reports_that_it_only_requested_it()
    {
        await FillFile();

        var refresh = await _tool.Run("views", "refresh", "best-sellers", "--wait", "0");
        var wrong = await _tool.Run("views", "refresh", "best-sellers", "--wait", "-1");
        var unknown = await _tool.Run("views", "refresh", "worst-sellers");

        Assert.Equal(1, refresh.ExitCode);
        Assert.Contains("The request remains", refresh.Error, StringComparison.Ordinal);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("known: best-sellers", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rows_of_an_immediate_view_are_counted_up_to_a_limit()
    {
        const string Rows = "mv-totals@1.1";
        await using (var storage = new SqliteStorage(_tool.Store))
        {
            await storage.Open(default);
            foreach (var collection in (string[])["views", "view-uses", "view-progress", Rows])
                await storage.Documents.EnsureCollection(new CollectionDefinition(collection, []), default);
            await Write(
                storage,
                Enumerable.Range(0, 10_001).Select(static i => ChangeOf(Rows, $"{i}", "{}"))
                    .Append(ChangeOf("views", "totals@1.d", Immediate))
                    .Append(ChangeOf("view-progress", "sales@1:totals@1.d", Progress)));
        }

        var table = await _tool.RunOk("views");
        var list = await _tool.RunOk("views", "list", "--json");

        Assert.Contains("10,000+", table.Output, StringComparison.Ordinal);
        Assert.Equal(10_000, list.Json[0].GetProperty("rows").GetInt64());
        Assert.True(list.Json[0].GetProperty("hasMoreRows").GetBoolean());
    }

    private async Task FillFile()
    {
        await using var storage = new SqliteStorage(_tool.Store);
        await storage.Open(default);
        foreach (var collection in (string[])["views", "view-uses", "mv-best-sellers@1.1"])
            await storage.Documents.EnsureCollection(new CollectionDefinition(collection, []), default);
        await Write(storage, [ChangeOf("views", "best-sellers@1.d", Stored)]);
    }

    private static async Task Write(SqliteStorage storage, IEnumerable<DocumentChange> changes) =>
        await storage.Log.Commit([new CommitRequest { Documents = [.. changes] }], DateTimeOffset.UtcNow, default);

    private static DocumentChange ChangeOf(string collection, string key, string body) => new()
    {
        Collection = collection,
        Key = key,
        Body = Encoding.UTF8.GetBytes(body),
    };
}
