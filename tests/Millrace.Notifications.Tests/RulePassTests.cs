using Millrace.Alerting;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>The notices that evaluations of a rule need.</summary>
public sealed class RulePassTests
{
    private readonly List<string> _notices = [];
    private readonly List<AlertSilence> _silences = [];
    private RuleAlerts _alerts = RuleAlerts.None;

    [Fact]
    public void An_alert_has_a_notice_when_it_fires_and_when_it_is_resolved()
    {
        Run(Immediate, 0, Of(11), Of(12, "n2"), Of(3, "n3"));
        Run(Immediate, 15, Of(11), Of(9, "n2"), Of(3, "n3"));
        Run(Immediate, 30, Of(9), Of(9, "n2"), Of(3, "n3"));
        Assert.Equal(
            ["first Fired busy-1", "first Fired busy-2", "first Resolved busy-2", "first Resolved busy-1"], _notices);
        Assert.Empty(_alerts.Series);
    }

    [Fact]
    public void An_unacknowledged_alert_is_escalated_and_repeated()
    {
        var rule = Immediate with
        {
            Escalations = [new(TimeSpan.FromMinutes(5), ["second"])],
            RepeatEvery = TimeSpan.FromMinutes(10),
        };
        for (var minute = 0; minute <= 20; minute++)
            Run(rule, 60 * minute, Of(11));
        Acknowledge();
        for (var minute = 21; minute <= 60; minute++)
            Run(rule, 60 * minute, Of(11));
        Run(rule, 3_700, Of(1));
        Assert.Equal(
            [
                "first Fired busy-1",
                "second Escalated busy-1",
                "first Repeated busy-1", "second Repeated busy-1",
                "first Repeated busy-1", "second Repeated busy-1",
                "first Resolved busy-1", "second Resolved busy-1",
            ],
            _notices);
    }

    [Fact]
    public void A_silence_suppresses_notices_until_its_end()
    {
        Silence(0, 100, node: "n1");
        Run(Immediate, 0, Of(11), Of(11, "n2"));
        Run(Immediate, 90, Of(11), Of(11, "n2"));
        Assert.Equal(["first Fired busy-2"], _notices);
        Run(Immediate, 100, Of(11), Of(11, "n2"));
        Assert.Equal(["first Fired busy-2", "first Fired busy-1"], _notices);
    }

    [Fact]
    public void An_alert_that_only_existed_in_a_silence_has_no_notice()
    {
        Silence(0, 100);
        Run(Immediate, 0, Of(11));
        Run(Immediate, 15, Of(1));
        Run(Immediate, 110, Of(1));
        Assert.Empty(_notices);
    }

    [Fact]
    public void The_alerts_of_a_removed_rule_are_resolved()
    {
        Run(Immediate, 0, Of(11));
        Run(null, 15, Of(11));
        Assert.Equal(["first Fired busy-1", "first Resolved busy-1"], _notices);
        Assert.Empty(_alerts.Series);
        Run(Immediate, 30, Of(11));
        Assert.Equal("first Fired busy-2", _notices[^1]); // An id is never used again.
    }

    [Fact]
    public void A_rule_without_data_raises_one_alert_if_it_should()
    {
        var rule = Immediate with { AlertsOnNoData = true };
        Run(rule, 0, [.. Enumerable.Range(0, 100).Select(i => Of(1, $"n{i}"))]);
        for (var second = 15; second < 600; second += 15)
            Run(rule, second);
        Assert.Equal(["first Fired busy-1"], _notices);
        Assert.Equal(AlertState.NoData, Assert.Single(_alerts.Series).State);
        Run(rule, 600, Of(1));
        Assert.Equal(["first Fired busy-1", "first Resolved busy-1"], _notices);
    }

    [Fact]
    public void Nodes_that_stopped_resolve_their_alerts_without_further_notices()
    {
        Run(Immediate, 0, Of(11));
        for (var second = 15; second <= 600; second += 15)
            Run(Immediate, second);
        Assert.Equal(["first Fired busy-1", "first Resolved busy-1"], _notices);
    }

    [Theory]
    [InlineData(AlertAggregate.Max, 8, false)]
    [InlineData(AlertAggregate.Max, 11, true)]
    [InlineData(AlertAggregate.Average, 11, false)]
    [InlineData(AlertAggregate.Average, 15, true)]
    [InlineData(AlertAggregate.Sum, 3, false)]
    [InlineData(AlertAggregate.Sum, 5, true)]
    public void Nodes_are_combined(AlertAggregate aggregate, double value, bool fires)
    {
        Run(Immediate with { Aggregate = aggregate }, 0, Of(value), Of(7, "n2"));
        Assert.Equal(fires ? 1 : 0, _notices.Count);
        Assert.All(_alerts.Series, series => Assert.Null(series.Node));
    }

    [Fact]
    public void Only_a_limited_number_of_alerts_is_raised()
    {
        var samples = Enumerable.Range(0, RulePass.MaxSeries + 5).Select(i => Of(11, $"n{i}")).ToArray();
        var pass = RulePass.Run("busy", Immediate, RuleAlerts.None, samples, ContextAt(0));
        Assert.True(pass.IsFull);
        Assert.Equal(RulePass.MaxSeries, pass.After.Series.Count);
    }

    [Fact]
    public void An_unchanged_alert_needs_no_write()
    {
        Run(Immediate, 0, Of(11));
        Assert.False(RulePass.Run("busy", Immediate, _alerts, [Of(12)], ContextAt(15)).HasChanges);
    }

    [Fact]
    public void Each_notice_that_an_alert_fired_is_followed_by_one_that_it_is_resolved()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            (_alerts, var random) = (RuleAlerts.None, new Random(seed));
            _notices.Clear();
            _silences.Clear();
            var rule = Immediate with { For = TimeSpan.FromSeconds(random.Next(3) * 15) };
            for (var step = 0; step < 200; step++)
            {
                if (random.Next(40) == 0)
                    Silence(15 * step, 15 * (step + random.Next(1, 20)), random.Next(2) == 0 ? "n1" : null);
                Run(random.Next(50) == 0 ? null : rule, 15 * step,
                    [.. Enumerable.Range(1, random.Next(4)).Select(i => Of(random.Next(8, 13), $"n{i}"))]);
                if (random.Next(30) == 0)
                    Acknowledge();
            }
            Run(null, 4_000);
            var byAlert = _notices.GroupBy(notice => notice.Split(' ')[^1]);
            Assert.All(byAlert, notices => Assert.Equal(
                [$"first Fired {notices.Key}", $"first Resolved {notices.Key}"], notices));
        }
    }

    private void Run(AlertRule? rule, int second, params MetricSample[] samples)
    {
        var pass = RulePass.Run("busy", rule, _alerts, samples, ContextAt(second));
        _alerts = pass.After;
        _notices.AddRange(pass.Notices.Select(notice => $"{notice.Channel} {notice.Item.Kind} {notice.Item.Alert}"));
    }

    private AlertPassContext ContextAt(int second) =>
        new(Start.AddSeconds(second), TimeSpan.Zero, ["first"], [.. _silences]);

    private void Acknowledge() => _alerts = _alerts with
    {
        Series = [.. _alerts.Series.Select(series =>
            series.NotifiedAt is null ? series : series with { AcknowledgedAt = Start, AcknowledgedBy = "kim" })],
    };

    private void Silence(int from, int to, string? node = null) => _silences.Add(new AlertSilence
    {
        Node = node,
        From = Start.AddSeconds(from),
        To = Start.AddSeconds(to),
        Reason = "maintenance",
        By = "kim",
    });
}
