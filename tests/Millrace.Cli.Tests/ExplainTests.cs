using Millrace.Sqlite;
using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests the explanation of queries, on a file and on a database.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_query_of_the_log_shows_its_plan_its_cost_and_the_rows_that_it_read()
    {
        await FillFile();

        var rare = await _tool.RunOk("explain", "--type", "order.cancelled", "--most", "1000", "--json");
        var frequent = await _tool.RunOk("explain", "--stream", "order-", "--backwards");
        var stream = await _tool.RunOk("explain", "--of", "order-00042", "--json");
        var claim = await _tool.RunOk("explain", "--claim", "email:customer-42@example.org", "--json");

        Assert.Equal("indexScan", Plan(rare, "kind"));
        Assert.Equal("events_by_type", Plan(rare, "index"));
        Assert.Equal(10, rare.Json.GetProperty("rows").GetInt64());
        Assert.Equal(10, rare.Json.GetProperty("readRows").GetInt64());
        Assert.Contains("full scan", frequent.Output, StringComparison.Ordinal);
        Assert.Contains("1,000", frequent.Output, StringComparison.Ordinal);
        Assert.Equal("events_by_stream", Plan(stream, "index"));
        Assert.Equal(1, claim.Json.GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task A_query_of_a_read_model_shows_the_index_of_a_member_or_a_scan()
    {
        await FillFile();

        var indexed = await _tool.RunOk("explain", "orders", "--where", "total>=2990", "--order-by", "total", "--json");
        var scan = await _tool.RunOk("explain", "orders", "--where", "status!=paid", "--where", "customer^=customer-1");

        Assert.Equal("doc_1_f2", Plan(indexed, "index"));
        Assert.Equal(10, indexed.Json.GetProperty("rows").GetInt64());
        Assert.Contains("status != paid and customer starts with customer-1", scan.Output, StringComparison.Ordinal);
        Assert.Contains("reason", scan.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_query_is_refused_with_its_reason()
    {
        await FillFile();

        var model = await _tool.Run("explain", "order");
        var member = await _tool.Run("explain", "orders", "--where", "colour=red");
        var condition = await _tool.Run("explain", "orders", "--where", "status");
        var value = await _tool.Run("explain", "orders", "--where", "total=many");

        Assert.Equal(3, model.ExitCode);
        Assert.Contains("It has orders.", model.Error, StringComparison.Ordinal);
        Assert.Equal(2, member.ExitCode);
        Assert.Contains("colour", member.Error, StringComparison.Ordinal);
        Assert.Equal(2, condition.ExitCode);
        Assert.NotEqual(0, value.ExitCode);
        Assert.Contains("total", value.Error, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Queries_of_a_database_show_the_plan_of_its_planner()
    {
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        await using (var storage = shared.OpenWithNodeClock())
        {
            await storage.Open(default);
            await OrderSample.Fill(storage, default);
        }

        var store = shared.ConnectionString!; // Not null for this kind.
        var indexed = await _tool.RunOk(
            "explain", "orders", "--where", "total>=2990", "--order-by", "total", "--store", store, "--json");

        Assert.Equal("doc_1_f2", Plan(indexed, "index"));
        Assert.Equal(10, indexed.Json.GetProperty("readRows").GetInt64());
    }

    private static string? Plan(ToolRun run, string member) =>
        run.Json.GetProperty("plan").GetProperty(member).GetString();

    private async Task FillFile()
    {
        await using var storage = new SqliteStorage(_tool.Store);
        await storage.Open(default);
        await OrderSample.Fill(storage, default);
    }
}
