namespace Millrace.Alerting;

/// <summary>Decides the next state of one series. Pure: it has no clock and no store.</summary>
internal static class AlertEvaluator
{
    /// <summary>Returns the next state of a series and whether the alert fired or resolved.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">The state; null for normal.</param>
    /// <param name="key">The series.</param>
    /// <param name="value">The current value; null if there is none.</param>
    /// <param name="now">The current time.</param>
    public static (AlertSeries? After, AlertChange Change) Next(
        AlertRule rule, AlertSeries? before, AlertSeriesKey key, double? value, DateTimeOffset now)
    {
        if (value is not { } current || double.IsNaN(current))
            return WithoutValue(rule, before, now);
        return before is { State: AlertState.Firing }
            ? OfFiring(rule, before with { MissingSince = null }, current, now)
            : OfPending(rule, before, key, current, now);
    }

    private static (AlertSeries? After, AlertChange Change) OfPending(
        AlertRule rule, AlertSeries? before, AlertSeriesKey key, double value, DateTimeOffset now)
    {
        if (!rule.IsBeyond(value))
            return (null, AlertChange.None);
        var pending = before is null
            ? new AlertSeries { Subject = key.Subject, Node = key.Node, Since = now, Value = value }
            : before with { MissingSince = null };
        return now - pending.Since < rule.For
            ? (pending, AlertChange.None)
            : (pending with { State = AlertState.Firing, FiredAt = now, Value = value, Severity = rule.Severity },
                AlertChange.Fired);
    }

    private static (AlertSeries? After, AlertChange Change) OfFiring(
        AlertRule rule, AlertSeries before, double value, DateTimeOffset now)
    {
        if (!rule.IsRecovered(value))
            return (before with { RecoveredSince = null }, AlertChange.None);
        var recovered = before with { RecoveredSince = before.RecoveredSince ?? now };
        return now - recovered.RecoveredSince < rule.ResolveAfter
            ? (recovered, AlertChange.None)
            : (recovered with { Value = value }, AlertChange.Resolved);
    }

    /// <summary>Keeps the state of a series whose values are late, and ends it when they do not return.</summary>
    private static (AlertSeries? After, AlertChange Change) WithoutValue(
        AlertRule rule, AlertSeries? before, DateTimeOffset now)
    {
        if (before is null)
            return (null, AlertChange.None);
        var missing = before with { MissingSince = before.MissingSince ?? now };
        if (now - missing.MissingSince < rule.NoDataAfter)
            return (missing, AlertChange.None);
        return before.IsRaised ? (missing, AlertChange.Resolved) : (null, AlertChange.None);
    }
}

/// <summary>A change of an alert.</summary>
internal enum AlertChange
{
    None,
    Fired,
    Resolved,
}
