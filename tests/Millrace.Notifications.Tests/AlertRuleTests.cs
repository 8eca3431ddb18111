using System.Text;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>The parsing and validation of rules.</summary>
public sealed class AlertRuleTests
{
    [Fact]
    public void Members_that_are_absent_have_the_defaults_of_the_class()
    {
        var parsed = Parse("""{ "metric": "memory", "threshold": 0.9 }""");
        Assert.Equal(
            new AlertRule
            {
                Name = "r",
                Metric = "memory",
                Threshold = 0.9,
                Channels = parsed.Channels,
                Escalations = parsed.Escalations,
            },
            parsed);
        Assert.True(parsed.IsEnabled);
        Assert.Equal(TimeSpan.FromMinutes(1), parsed.For);
        Assert.Empty(parsed.Channels);
    }

    [Fact]
    public void All_members_can_be_set()
    {
        var parsed = Parse("""
            {
              "metric": "disk-free", "threshold": 0.1, "condition": "below", "severity": "critical", "for": "00:00:00",
              "aggregate": "max", "resolveAt": 0.2, "isEnabled": false, "channels": ["log"],
              "escalations": [{ "after": "00:05:00", "channels": ["log"] }], "repeatEvery": "01:00:00"
            }
            """);
        Assert.Equal(
            (AlertCondition.Below, AlertSeverity.Critical, TimeSpan.Zero, AlertAggregate.Max, 0.2, false),
            (parsed.Condition, parsed.Severity, parsed.For, parsed.Aggregate, parsed.ResolveAt, parsed.IsEnabled));
        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(parsed.Escalations).After);
    }

    [Fact]
    public void All_problems_are_reported_together()
    {
        var refused = Assert.Throws<AlertRuleException>(() => Parse(
            """{ "metric": "latency", "for": "-00:00:01", "resolveAt": 5, "repeatEvery": "00:00:01" }"""));
        Assert.Equal(
            ["threshold", "metric", "resolveAt", "for", "repeatEvery"],
            refused.Problems.Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("""{ "metric": "cpu", "threshold": 1, "treshold": 2 }""")]
    [InlineData("""{ "metric": "cpu", "threshold": "much" }""")]
    [InlineData("""{ "metric": "cpu", "threshold": 1, "severity": "panic" }""")]
    [InlineData("null")]
    [InlineData("{")]
    public void Unknown_members_and_values_are_refused(string json) =>
        Assert.Throws<AlertRuleException>(() => Parse(json));

    [Fact]
    public void The_rules_of_the_catalogue_are_valid_and_use_metrics_of_the_monitor()
    {
        Assert.All(AlertCatalogue.Rules, rule => Assert.Empty(rule.Problems()));
        Assert.Equal(
            AlertCatalogue.Rules.Select(rule => rule.Name).Order(StringComparer.Ordinal),
            AlertCatalogue.Rules.Select(rule => rule.Name).Distinct());
    }

    [Fact]
    public void The_descriptions_of_the_catalogue_hold_for_any_threshold() =>
        Assert.All(
            AlertCatalogue.Rules,
            rule => Assert.DoesNotMatch(@"\d|\b(one|five|ten|seconds?|minutes?|hours?)\b", rule.Description));

    [Fact]
    public void Escalations_must_have_growing_times()
    {
        var rule = Rule with
        {
            Escalations = [new(TimeSpan.FromMinutes(5), ["a"]), new(TimeSpan.FromMinutes(5), [])],
        };
        Assert.Equal(2, rule.Problems().Count());
    }

    private static AlertRule Parse(string json) => Alerts.ParseRule("r", Encoding.UTF8.GetBytes(json));
}
