using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Millrace.Testing;

namespace Millrace.Telemetry.Tests;

/// <summary>Tests the endpoint for Prometheus with Prometheus itself and with its tool.</summary>
public sealed partial class PrometheusTests
{
    [PrometheusFact]
    public async Task Promtool_accepts_the_metrics()
    {
        await using var app = await BookshopApp.Start("orders");
        await PlaceAndRefuse(app);

        var text = await app.Client.GetStringAsync("/metrics");
        var (code, output) = await PrometheusPrograms.Promtool(text, "check", "metrics");

        Assert.Contains("millrace_command_duration_seconds_bucket", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_cpu_available", text, StringComparison.Ordinal);
        Assert.True(code == 0, output);
    }

    [PrometheusFact]
    public async Task Prometheus_scrapes_durations_and_failures_with_exemplars()
    {
        await using var app = await BookshopApp.Start("orders");
        await PlaceAndRefuse(app);
        await using var prometheus = await PrometheusServer.Start(app.Target);

        await WaitFor(
            prometheus,
            "millrace_command_duration_seconds_count{millrace_command='place-order',error_type=''}",
            1);
        await WaitFor(
            prometheus,
            "millrace_command_duration_seconds_count{error_type='InvariantViolatedException'}",
            1);
        await WaitFor(prometheus, "millrace_handler_duration_seconds_count{millrace_event_type='order.placed'}", 1);
        await WaitFor(prometheus, "millrace_process_step_duration_seconds_count{millrace_process_step='confirm'}", 1);
        await WaitFor(prometheus, "millrace_query_duration_seconds_count", 1);
        var exemplars = await Eventually.Get(
            () => prometheus.Exemplars("millrace_command_duration_seconds_bucket"),
            found => found.GetArrayLength() > 0);

        var labels = exemplars[0].GetProperty("exemplars")[0].GetProperty("labels");
        Assert.Matches(TraceId(), labels.GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task OpenMetrics_links_a_histogram_to_a_trace()
    {
        await using var app = await BookshopApp.Start("orders");
        await app.Place("1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(
            MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0"));

        using var response = await app.Client.SendAsync(request);

        var bucket = (await response.Content.ReadAsStringAsync()).Split('\n').First(line =>
            line.StartsWith("millrace_command_duration_seconds_bucket", StringComparison.Ordinal)
            && line.Contains(" # ", StringComparison.Ordinal));
        Assert.Matches("trace_id=\"[0-9a-f]{32}\"", bucket);
    }

    [Fact]
    public async Task On_a_separate_port_the_header_of_a_client_does_not_open_the_endpoint()
    {
        var port = FreePorts.Take();
        await using var app = await BookshopApp.Start("orders", metricsPort: port);
        using var forged = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        forged.Headers.Host = $"127.0.0.1:{port}";

        using var refused = await app.Client.SendAsync(forged);
        var metrics = await app.Client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Contains("millrace_queue_limit", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_many_openings_of_tenants_the_next_tenant_is_measured()
    {
        await using var app = await BookshopApp.Start("orders");
        for (var opening = 0; opening < 60; opening++)
            Measure("closed");

        using var open = Measure("last", dispose: false);
        var text = await app.Client.GetStringAsync("/metrics");

        Assert.Matches("opened_24_total\\{[^}]*otel_scope_millrace_tenant=\"last\"[^}]*step=\"24\"", text);
    }

    /// <summary>Measures with as many instruments as a tenant has.</summary>
    private static Meter Measure(string tenant, bool dispose = true)
    {
        var meter = new Meter(new MeterOptions(MillraceTelemetry.MeterName)
        {
            Tags = [new("millrace.tenant", tenant)],
        });
        for (var i = 0; i < 25; i++)
            meter.CreateCounter<long>($"opened.{i}").Add(1, new KeyValuePair<string, object?>("step", i));
        if (dispose)
            meter.Dispose();
        return meter;
    }

    [Fact]
    public async Task Requests_of_Prometheus_are_not_traced()
    {
        await using var collector = await Otlp.OtlpCollector.Start();
        await using (var app = await BookshopApp.Start("orders", collector.Settings))
        {
            await app.Place("1");
            await app.Client.GetStringAsync("/metrics");
        }

        Assert.Contains(collector.Spans, span => span.Name == "POST /orders");
        Assert.DoesNotContain(collector.Spans, span => span.Name.Contains("/metrics", StringComparison.Ordinal));
    }

    private static async Task PlaceAndRefuse(BookshopApp app)
    {
        await app.PlaceAndConfirm("1");
        using var refused = await app.Client.PostAsJsonAsync("/orders", new { order = "2", total = -1 });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var missing = await app.Client.GetAsync("/bills/1");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private static async Task WaitFor(PrometheusServer prometheus, string query, double atLeast) =>
        await Eventually.Get(
            () => prometheus.Query($"sum({query})"),
            found => found.GetProperty("result") is { } result && result.GetArrayLength() > 0
                && ValueOf(result[0]) >= atLeast);

    private static double ValueOf(JsonElement sample) =>
        double.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex TraceId();
}
