using System.Text.Json;
using System.Text.RegularExpressions;
using Millrace.Testing;

namespace Millrace.Telemetry.Tests;

/// <summary>Tests the dashboard for Grafana and the alert rules for Prometheus.</summary>
public sealed partial class OperationsFileTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "ops");
    private static readonly string Rules = Path.Combine(Folder, "prometheus", "millrace-alerts.yml");
    private static readonly string RuleTests = Path.Combine(Folder, "prometheus", "millrace-alerts.test.yml");

    [PrometheusFact]
    public async Task Promtool_accepts_the_alert_rules()
    {
        var (code, output) = await PrometheusPrograms.Promtool("", "check", "rules", Rules);

        Assert.True(code == 0, output);
    }

    [PrometheusFact]
    public async Task The_alerts_are_sent_when_their_condition_holds_long_enough()
    {
        var (code, output) = await PrometheusPrograms.Promtool("", "test", "rules", RuleTests);

        Assert.True(code == 0, output);
    }

    [PrometheusFact]
    public async Task Prometheus_loads_the_rules_and_answers_every_query_of_the_dashboard()
    {
        await using var app = await BookshopApp.Start("orders");
        await app.Place("1");
        await using var prometheus = await PrometheusServer.Start(app.Target, await File.ReadAllTextAsync(Rules));

        var rules = (await prometheus.Rules()).GetProperty("groups")[0].GetProperty("rules");
        Assert.All(rules.EnumerateArray(), rule => Assert.Contains(
            rule.GetProperty("health").GetString(), new[] { "ok", "unknown" }));
        foreach (var query in Queries())
            await prometheus.Query(query); // Throws if Prometheus refuses the query.
        await Eventually.Get(
            () => prometheus.Query("millrace_queue_limit"),
            found => found.GetProperty("result").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Metrics_of_dotnet_and_HTTP_in_the_dashboard_exist()
    {
        await using var app = await BookshopApp.Start("orders");
        await app.Place("1");

        var scraped = await app.Client.GetStringAsync("/metrics");

        Assert.All(
            Queries().SelectMany(query => ForeignMetric().Matches(query)).Select(match => match.Value).Distinct(),
            metric => Assert.Contains(metric, scraped, StringComparison.Ordinal));
    }

    /// <summary>Returns the queries, with values for the variables of Grafana.</summary>
    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Folder, "grafana", "millrace.json")));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!
                   .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                   .Replace("$job", ".*", StringComparison.Ordinal)
                   .Replace("$instance", ".*", StringComparison.Ordinal),
        ];
    }

    [GeneratedRegex("(http|dotnet|kestrel)_[a-z0-9_]+(?=[{(\\[ )])")]
    private static partial Regex ForeignMetric();
}
