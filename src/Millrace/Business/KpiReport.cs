using Millrace.Business.WeeklyReports;

namespace Millrace;

/// <summary>A report about the business figures in a week or another period.</summary>
public sealed record KpiReport
{
    /// <summary>The maximum number of days of a report.</summary>
    public const int MaxDays = 366;

    /// <summary>Gets the title, such as <c>Week 49 of 2011</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Gets the week, such as <c>2011-W49</c>; null for another period.</summary>
    public string? Week { get; init; }

    /// <summary>Gets the first day.</summary>
    public required DateOnly FirstDay { get; init; }

    /// <summary>Gets the last day.</summary>
    public required DateOnly LastDay { get; init; }

    /// <summary>Gets the id of the time zone of the days.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Gets the end of the values. It is before the end of the last day if the period has not ended.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Gets whether the period has ended.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Gets the figures, in the order of their names.</summary>
    public required IReadOnlyList<KpiReportFigure> Figures { get; init; }

    /// <summary>
    /// Gets the anomalies of the period, those of whole figures first, then by their scores; at most 20.
    /// </summary>
    public required IReadOnlyList<KpiAnomaly> Anomalies { get; init; }

    /// <summary>Gets the number of anomalies of the period.</summary>
    public int AnomalyCount { get; init; }

    /// <summary>Returns the report as an HTML page, which mail programs and browsers show.</summary>
    public string ToHtml() => ReportHtml.Write(this);

    /// <summary>Returns the report as plain text.</summary>
    public string ToText() => ReportText.Write(this);
}
