using System.Text;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>Tests the command for the performance monitor, with the history that an application stored.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_history_is_drawn_and_written_as_json()
    {
        await FillFile();

        var table = await _tool.RunOk(
            "metrics", "event-rate", "--since", "2026-01-02T10:00Z", "--before", "2026-01-02T11:00Z");
        var json = await _tool.RunOk(
            "metrics", "event-rate", "--since", "2026-01-02T10:00Z", "--before", "2026-01-02T11:00Z",
            "--resolution", "5m", "--json");

        Assert.Contains("web", table.Output, StringComparison.Ordinal);
        Assert.Contains("1,500", table.Output, StringComparison.Ordinal);
        var point = json.Json[0].GetProperty("points")[0];
        Assert.Equal("web", json.Json[0].GetProperty("node").GetString());
        Assert.Equal(1_000, point.GetProperty("average").GetDouble());
        Assert.Equal(1_500, point.GetProperty("max").GetDouble());
        Assert.Equal(300, point.GetProperty("seconds").GetDouble());
        Assert.Equal(8, point.GetProperty("samples").GetInt64());
    }

    [Fact]
    public async Task The_newest_samples_are_listed()
    {
        await FillFile();

        var table = await _tool.RunOk("metrics");
        var json = await _tool.RunOk("metrics", "--json");
        var none = await _tool.RunOk("metrics", "cpu");

        Assert.Contains("consumer-lag", table.Output, StringComparison.Ordinal);
        Assert.Equal(7, json.Json[0].GetProperty("value").GetDouble());
        Assert.Contains("There are no samples of cpu", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_metrics_and_invalid_ranges_are_reported()
    {
        await FillFile();

        var unknown = await _tool.Run("metrics", "speed");
        var reversed = await _tool.Run("metrics", "cpu", "--since", "2026-01-02", "--before", "2026-01-01");
        var tooShort = await _tool.Run("metrics", "cpu", "--resolution", "30s");

        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("event-rate", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(2, reversed.ExitCode);
        Assert.Equal(2, tooShort.ExitCode);
    }

    // The stored form of the history, which later versions must read.
    private async Task FillFile()
    {
        const string minutes = """
            {"node":"web","start":"2026-01-02T10:00:00+00:00","series":[{"metric":"event-rate",
            "slots":[0,1],"samples":[6,2],"average":[1000,1000],"min":[900,500],"max":[1100,1500]}]}
            """;
        var latest =
            $$"""
            {"at":"{{DateTimeOffset.UtcNow:O}}","interval":"00:00:10",
            "values":[{"metric":"consumer-lag","subject":"orders@1","value":7}]}
            """;
        await using var storage = new SqliteStorage(_tool.Store);
        await storage.Open(CancellationToken.None);
        FieldDefinition start = new("start", FieldKind.Integer), node = new("node", FieldKind.Text);
        await Ensure(storage, new("metrics", [start]));
        await Ensure(
            storage, new("metric-minutes", [node, start, new FieldDefinition("downsampled", FieldKind.Integer)]));
        await Ensure(storage, new("metric-hours", [node, start]));
        var at = MicrosecondsOf(new DateTimeOffset(2026, 1, 2, 10, 0, 0, TimeSpan.Zero));
        var request = new CommitRequest
        {
            Documents =
            [
                ChangeOf("metrics", "web", latest, [MicrosecondsOf(DateTimeOffset.UtcNow)]),
                ChangeOf("metric-minutes", "web/2026-01-02T10", minutes, ["web", at, 0]),
            ],
        };
        await storage.Log.Commit([request], DateTimeOffset.UtcNow, CancellationToken.None);
    }

    private static long MicrosecondsOf(DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static async Task Ensure(SqliteStorage storage, CollectionDefinition collection) =>
        await storage.Documents.EnsureCollection(collection, CancellationToken.None);

    private static DocumentChange ChangeOf(string collection, string key, string body, FieldValue[] fields) =>
        new() { Collection = collection, Key = key, Body = Encoding.UTF8.GetBytes(body), Fields = fields };
}
