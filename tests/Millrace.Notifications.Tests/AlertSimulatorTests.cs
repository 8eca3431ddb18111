using Millrace.Alerting;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Trials of rules on recorded history.</summary>
public sealed class AlertSimulatorTests
{
    private static readonly AlertRule PerMinute = Rule with
    {
        For = TimeSpan.FromMinutes(2),
        ResolveAfter = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public void The_trial_returns_when_the_rule_would_have_fired_and_resolved()
    {
        var trial = Try(PerMinute, Series("n1", 5, 11, 12, 13, 5, 5, 5), Series("n2", 1, 1, 1, 1, 1, 1, 1));
        var alert = Assert.Single(trial.Alerts);
        Assert.Equal(("n1", Start.AddMinutes(3), Start.AddMinutes(5), 12.0),
            (alert.Node, alert.FiredAt, alert.ResolvedAt, alert.Value));
        Assert.Equal((14, TimeSpan.FromMinutes(1)), (trial.Points, trial.Resolution));
    }

    [Fact]
    public void An_alert_that_still_fires_has_no_end()
    {
        var trial = Try(PerMinute, Series("n1", 11, 12, 13, 13, 13, 13, 13));
        Assert.Null(Assert.Single(trial.Alerts).ResolvedAt);
    }

    [Fact]
    public void A_gap_in_the_history_resolves_the_alert()
    {
        var late = Series("n1", 11);
        var gap = late with { Points = [.. late.Points, Point(20, 5)] };
        var trial = Try(PerMinute with { For = TimeSpan.Zero }, gap);
        Assert.Equal(Start.AddMinutes(6), Assert.Single(trial.Alerts).ResolvedAt);
    }

    [Fact]
    public void Nodes_are_combined_at_each_time()
    {
        var rule = PerMinute with { Aggregate = AlertAggregate.Sum, For = TimeSpan.Zero };
        var trial = Try(rule, Series("n1", 4, 6, 4), Series("n2", 5, 6, 5));
        Assert.Equal((null, 12.0), (Assert.Single(trial.Alerts).Node, trial.Alerts[0].Value));
    }

    [Fact]
    public void A_peak_as_long_as_the_rule_fires()
    {
        var trial = Try(PerMinute, Series("n1", 5, 11, 11, 5));
        Assert.Equal(Start.AddMinutes(3), Assert.Single(trial.Alerts).FiredAt);
    }

    [Fact]
    public void A_history_in_parts_has_the_same_alerts()
    {
        var series = Series("n1", 5, 11, 12, 13, 5, 11, 11);
        var whole = Try(PerMinute, series);
        var simulator = new AlertSimulator(PerMinute, Start, Start.AddMinutes(7));
        foreach (var points in series.Points.Chunk(2))
            simulator.Add([series with { Points = points }]);
        var parts = simulator.Build();
        Assert.Equal(whole.Alerts, parts.Alerts);
        Assert.Equal((2, 7), (parts.Alerts.Count, parts.Points));
    }

    [Fact]
    public void A_gap_of_all_nodes_is_missing_data()
    {
        var first = Series("n1", 5, 5);
        var second = Series("n2", 5, 5, 5) with { Subject = "other" };
        var rule = PerMinute with { AlertsOnNoData = true, NoDataAfter = TimeSpan.FromMinutes(2) };
        var late = first with { Points = [.. first.Points, Point(6, 5)] };
        var alert = Assert.Single(Try(rule, late, second).Alerts);
        Assert.Equal((AlertState.NoData, Start.AddMinutes(5), Start.AddMinutes(6)),
            (alert.State, alert.FiredAt, alert.ResolvedAt));
        Assert.Null(Assert.Single(Try(rule, first, second).Alerts).ResolvedAt);
        Assert.Empty(Try(rule with { AlertsOnNoData = false }, first, second).Alerts);
    }

    private static AlertTrial Try(AlertRule rule, params MetricSeries[] history) =>
        AlertSimulator.Run(rule, history, Start, Start.AddMinutes(7));

    private static MetricSeries Series(string node, params double[] values) => new()
    {
        Metric = MonitorMetrics.Cpu,
        Node = node,
        Points = [.. values.Select((value, minute) => Point(minute, value))],
    };

    private static MetricPoint Point(int minute, double value) =>
        new(Start.AddMinutes(minute), TimeSpan.FromMinutes(1), value, value, value, 6);
}
