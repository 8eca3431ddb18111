using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators read the history of the performance monitor over HTTP.</summary>
public sealed class MetricEndpointTests
{
    private const string Metrics = "/millrace/metrics";

    [Fact]
    public async Task An_operator_reads_the_newest_samples_and_the_history()
    {
        await using var app = await Start();

        var metrics = await Testing.Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>(Metrics), all => LatestOf(all, "cpu") is not null);
        var node = LatestOf(metrics, "cpu")!.Value.GetProperty("node").GetString();
        var history = await Testing.Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>($"{Metrics}/cpu?node={node}&resolution=300"),
            series => series.GetArrayLength() > 0);
        var other = await app.Client.GetFromJsonAsync<JsonElement>(Metrics + "/cpu?node=other");

        Assert.Equal(MonitorMetrics.All.Count, metrics.GetArrayLength());
        var point = history[0].GetProperty("points")[0];
        Assert.Equal(300, point.GetProperty("seconds").GetDouble());
        Assert.InRange(point.GetProperty("max").GetDouble(), point.GetProperty("min").GetDouble(), 1);
        Assert.Equal(node, history[0].GetProperty("node").GetString());
        Assert.Equal(0, other.GetArrayLength());
    }

    [Fact]
    public async Task Unknown_metrics_and_invalid_ranges_are_refused()
    {
        await using var app = await Start();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Metrics + "/none")).Problem());
        foreach (var query in (string[])["resolution=1", "from=x", "from=2026-01-02&to=2026-01-01"])
        {
            var refused = await app.Client.GetAsync($"{Metrics}/cpu?{query}");
            Assert.Equal((400, "malformed-request"), await refused.Problem());
        }
    }

    [Fact]
    public async Task Without_the_monitor_there_is_no_route_and_only_operators_may_read()
    {
        await using var plain = await OperatorsApp.Start();
        await using var app = await Start(user: "bob");

        Assert.Equal(HttpStatusCode.NotFound, (await plain.Client.GetAsync(Metrics)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Metrics)).StatusCode);
    }

    private static Task<LibraryApp> Start(string user = "ada") => OperatorsApp.Start(
        millrace: millrace => millrace.UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1)),
        user: user);

    private static JsonElement? LatestOf(JsonElement metrics, string name)
    {
        var metric = metrics.EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        var latest = metric.GetProperty("latest");
        return latest.GetArrayLength() > 0 ? latest[0] : null;
    }
}
