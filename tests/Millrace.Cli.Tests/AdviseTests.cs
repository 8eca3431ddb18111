using System.Text;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>Tests the advice about indexes, from query shapes that an application stored.</summary>
public sealed class AdviseTests : IDisposable
{
    private const string Index = "idx_orders_customer_status_total";

    // The stored form of a shape, which later versions must read.
    private const string Stored = """
        {"shape":{"source":"orders","terms":[{"field":"customer"},{"field":"status"}],"orderBy":"total"},
        "count":100,"rows":2000,"totalTime":"00:00:01","firstUse":"2026-01-01T00:00:00+00:00",
        "lastUse":"2026-01-02T00:00:00+00:00"}
        """;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task An_index_is_proposed_built_listed_and_removed()
    {
        await FillFile();

        var queries = await _tool.RunOk("advise", "queries", "--json");
        var text = await _tool.RunOk("advise");
        var advice = await _tool.RunOk("advise", "list", "--json");
        var misspelled = await _tool.Run("advise", "apply", Index[..^1]);
        var applied = await _tool.RunOk("advise", "apply", Index, "--json");
        var indexes = await _tool.RunOk("advise", "indexes", "--json");
        var explained = await _tool.RunOk(
            "explain", "orders", "--where", "customer=customer-4", "--where", "status=paid", "--order-by", "total");
        var table = await _tool.RunOk("advise", "indexes");
        var other = await _tool.Run("advise", "remove", "nope");
        await _tool.RunOk("advise", "remove", Index, "--json");
        var unknown = await _tool.Run("advise", "remove", Index);

        Assert.Equal(
            "orders where customer = ? and status = ? by total", queries.Json[0].GetProperty("shape").GetString());
        Assert.Contains(Index, text.Output, StringComparison.Ordinal);
        Assert.Contains("µs per document", text.Output, StringComparison.Ordinal);
        Assert.Contains("Not proposed: removals. Unused indexes", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            advice.Json.EnumerateArray(), item => item.GetProperty("kind").GetString() == "createIndex");
        Assert.True(applied.Json.GetProperty("speedup").GetDouble() > 0, applied.Output);
        Assert.Equal(Index, indexes.Json[0].GetProperty("name").GetString());
        Assert.Contains($"index scan ({Index}", explained.Output, StringComparison.Ordinal);
        Assert.Contains("customer, status, total", table.Output, StringComparison.Ordinal);
        Assert.Equal((3, 3, 3), (misspelled.ExitCode, other.ExitCode, unknown.ExitCode));
        Assert.Contains($"Proposed are: {Index}", misspelled.Error, StringComparison.Ordinal);
        Assert.Contains($"Did you mean '{Index}'?", misspelled.Error, StringComparison.Ordinal);
        Assert.Contains($"There are: {Index}.", other.Error, StringComparison.Ordinal);
        Assert.Contains("No index was built on advice", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.RunOk("advise", "indexes", "--json")).Json.GetArrayLength());
    }

    [Fact]
    public async Task A_store_without_remembered_queries_has_no_advice()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        var advice = await _tool.RunOk("advise");
        var queries = await _tool.RunOk("advise", "queries");
        var apply = await _tool.Run("advise", "apply", Index);

        Assert.Contains("nothing to propose", advice.Output, StringComparison.Ordinal);
        Assert.Contains("No queries are remembered", queries.Output, StringComparison.Ordinal);
        Assert.Equal(3, apply.ExitCode);
        Assert.Contains("No index is proposed", apply.Error, StringComparison.Ordinal);
    }

    private async Task FillFile()
    {
        await using var storage = new SqliteStorage(_tool.Store);
        await storage.Open(default);
        await OrderSample.Fill(storage, default);
        await storage.Documents.EnsureCollection(
            new CollectionDefinition("query-shapes", [new FieldDefinition("lastUse", FieldKind.Integer)]), default);
        await storage.Log.Commit(
            [
                new CommitRequest
                {
                    Documents =
                    [
                        new DocumentChange
                        {
                            Collection = "query-shapes",
                            Key = "1",
                            Body = Encoding.UTF8.GetBytes(Stored),
                            Fields = [1L],
                        },
                    ],
                },
            ],
            DateTimeOffset.UtcNow,
            default);
    }
}
