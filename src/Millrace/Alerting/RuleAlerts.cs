namespace Millrace.Alerting;

/// <summary>The stored alerts of a rule, as one document.</summary>
internal sealed record RuleAlerts
{
    public static RuleAlerts None { get; } = new();

    /// <summary>The series that are not normal, in the order in which they changed from it.</summary>
    public IReadOnlyList<AlertSeries> Series { get; init; } = [];

    /// <summary>The number of alerts that the rule has raised, which is the end of the last id.</summary>
    public long Raised { get; init; }

    /// <summary>The time since which no node reports the metric; null if one does.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>Returns the alerts without times in the future, after the clock of the storage was set back.</summary>
    public RuleAlerts NotAfter(DateTimeOffset now) => this with
    {
        Series = [.. Series.Select(series => series.NotAfter(now))],
        SilentSince = SilentSince > now ? now : SilentSince,
    };
}
