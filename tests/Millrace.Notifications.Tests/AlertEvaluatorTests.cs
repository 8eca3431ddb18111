using Millrace.Alerting;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>The states of one series.</summary>
public sealed class AlertEvaluatorTests
{
    private static readonly AlertSeriesKey Key = new(null, "n1");

    [Fact]
    public void A_value_on_the_threshold_does_not_fire()
    {
        Assert.Equal((null, AlertChange.None), AlertEvaluator.Next(Immediate, null, Key, 10, Start));
        var below = Immediate with { Condition = AlertCondition.Below };
        Assert.Equal((null, AlertChange.None), AlertEvaluator.Next(below, null, Key, 10, Start));
        Assert.Equal(AlertChange.Fired, AlertEvaluator.Next(below, null, Key, 9.9, Start).Change);
    }

    [Fact]
    public void An_alert_fires_after_its_time_and_resolves_after_its_time()
    {
        Assert.Equal(
            ["30 Fired", "70 Resolved"],
            Changes(Rule, 11, 12, 13, 13, 9, 10, 8, 8));
    }

    [Fact]
    public void A_short_recovery_starts_the_time_again()
    {
        Assert.Equal(["60 Fired"], Changes(Rule, 11, 11, 9, 11, 11, 11, 11, 9, 11, 9));
    }

    [Fact]
    public void A_value_between_the_threshold_and_the_recovery_keeps_the_alert()
    {
        var rule = Immediate with { ResolveAt = 5 };
        Assert.Equal(["0 Fired", "30 Resolved"], Changes(rule, 11, 8, 6, 5));
    }

    [Fact]
    public void Late_values_are_not_a_recovery_and_missing_ones_resolve()
    {
        var rule = Immediate with { NoDataAfter = TimeSpan.FromMinutes(1) };
        Assert.Equal(["0 Fired"], Changes(rule, 11, null, null, null, null, null, 11));
        Assert.Equal(["0 Fired", "70 Resolved"], Changes(rule, 11, null, null, null, null, null, null, null));
        Assert.Empty(Changes(Rule, 11, 11, null, 9));
    }

    [Fact]
    public void Each_alert_that_fires_is_resolved_once()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var rule = Rule with
            {
                Condition = (AlertCondition)random.Next(2),
                For = TimeSpan.FromSeconds(random.Next(60)),
                ResolveAfter = TimeSpan.FromSeconds(random.Next(60)),
                ResolveAt = random.Next(2) == 0 ? null : 10,
                NoDataAfter = TimeSpan.FromMinutes(1),
            };
            AlertSeries? state = null;
            DateTimeOffset? beyondSince = null;
            for (var step = 0; step < 300; step++)
            {
                var now = Start.AddSeconds(10 * step);
                double? value = random.Next(8) == 0 ? null : random.Next(5, 16);
                if (value is { } known)
                    beyondSince = rule.IsBeyond(known) ? beyondSince ?? now : null;
                var wasFiring = state is { State: AlertState.Firing };
                var (after, change) = AlertEvaluator.Next(rule, state, Key, value, now);
                if (change == AlertChange.Fired)
                {
                    Assert.False(wasFiring, $"Seed {seed}, step {step}.");
                    Assert.True(now - beyondSince >= rule.For, $"Seed {seed}, step {step}.");
                }
                Assert.True(change != AlertChange.Resolved || wasFiring, $"Seed {seed}, step {step}.");
                state = change == AlertChange.Resolved ? null : after;
                Assert.Equal(
                    state is { State: AlertState.Firing },
                    change == AlertChange.Fired || (wasFiring && change != AlertChange.Resolved));
            }
        }
    }

    /// <summary>Evaluates values every 10 seconds, and returns the changes with their seconds.</summary>
    private static List<string> Changes(AlertRule rule, params double?[] values)
    {
        var changes = new List<string>();
        AlertSeries? state = null;
        for (var i = 0; i < values.Length; i++)
        {
            var (after, change) = AlertEvaluator.Next(rule, state, Key, values[i], Start.AddSeconds(10 * i));
            if (change != AlertChange.None)
                changes.Add($"{10 * i} {change}");
            state = change == AlertChange.Resolved ? null : after;
        }
        return changes;
    }
}
