using System.Net;
using System.Net.Http.Json;
using Servers;

namespace Commerce.Tests.Operations;

/// <summary>Tests the metrics, the logs and the settings of the shop for its operators.</summary>
public sealed class TelemetryTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [PrometheusFact]
    public async Task Promtool_accepts_the_metrics_of_the_shop()
    {
        await shop.GivenProduct(); // A process brings its first stock.

        var text = await Eventually.Get(
            () => shop.Http.GetStringAsync("/metrics"),
            metrics => metrics.Contains("millrace_process_step_duration_seconds_count", StringComparison.Ordinal));
        var (code, output) = await PrometheusPrograms.Promtool(text, "check", "metrics");

        Assert.True(code == 0, output);
        Assert.Contains("service_name=\"commerce\"", text, StringComparison.Ordinal);
        Assert.Contains("millrace_handler_duration_seconds_bucket", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_sees_the_settings_with_their_sources()
    {
        var answer = await RunningShop.Json(await shop.Http.GetAsync("/millrace/settings"));

        var sources = answer["settings"]!.AsArray().ToDictionary(
            setting => (string)setting!["key"]!, setting => (string)setting!["source"]!, StringComparer.Ordinal);
        Assert.Equal("default", sources["Millrace:Consumers:Workers"]);
        Assert.Equal("code", sources["Millrace:Source"]);
        Assert.Empty(answer["problems"]!.AsArray());
    }

    [Fact]
    public async Task The_operator_changes_the_level_of_logs()
    {
        using var changed = await shop.Http.PutAsJsonAsync(
            "/millrace/log-levels/Millrace.Consuming", new { level = "debug", duration = "00:00:30" });
        var listed = await RunningShop.Json(await shop.Http.GetAsync("/millrace/log-levels"));

        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal("Millrace.Consuming", (string?)listed[0]!["category"]);
        using var reset = await shop.Http.DeleteAsync("/millrace/log-levels/Millrace.Consuming");
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
    }
}
