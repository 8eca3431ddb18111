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

    /// <summary>
    /// Returns the alerts after a time in which no node evaluated them, so that it does not count as time without data,
    /// beyond the threshold or recovered.
    /// </summary>
    /// <param name="gap">The time without an evaluation.</param>
    /// <param name="noDataAfter">The time without values after which an alert is not known any more.</param>
    public RuleAlerts AfterGap(TimeSpan gap, TimeSpan noDataAfter) => this with
    {
        SilentSince = null,
        Series =
        [
            .. Series.Where(series => series.State != AlertState.Pending || gap <= noDataAfter)
                .Select(series => series with
                {
                    MissingSince = null,
                    RecoveredSince = gap <= noDataAfter ? series.RecoveredSince : null,
                }),
        ],
    };
}
