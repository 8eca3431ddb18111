using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>A figure in a period, with what is needed to compare it with earlier times.</summary>
internal sealed record KpiHistory
{
    /// <summary>The number of earlier weeks with which a period is compared.</summary>
    public const int Weeks = 8;

    public required KpiInfo Kpi { get; init; }

    public required KpiPeriod Period { get; init; }

    /// <summary>The end of the values: that of the period, or of the last complete hour.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The start of the first day with events.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The hours of the whole figure: of the period and of earlier times.</summary>
    public required HourSeries Total { get; init; }

    /// <summary>The hours of the period with their events, and of a few days after it.</summary>
    public required IReadOnlyList<KpiPoint> Points { get; init; }

    /// <summary>The figure of the period with its largest events.</summary>
    public required KpiPoint Figure { get; init; }

    /// <summary>The members of each dimension, in the period and in the earlier weeks.</summary>
    public IReadOnlyList<DimensionSeries> Dimensions { get; init; } = [];

    /// <summary>Whether the values contain all events of the requested position.</summary>
    public Freshness Freshness { get; init; }

    public bool IsComplete => Until >= Period.To;

    /// <summary>Returns the end of an earlier time that is as long as the part of the period so far.</summary>
    public DateTimeOffset EarlierEnd(int days) => IsComplete
        ? Period.StartOf(Period.EndDay.AddDays(-days))
        : Period.Earlier(Until, days);

    /// <summary>Returns whether all hours since a time are known.</summary>
    public bool Covers(DateTimeOffset time) => First <= time && Total.Start <= time;

    /// <summary>Returns an insight about the whole period.</summary>
    public KpiInsight Insight(KpiInsightKind kind, string text) => new()
    {
        Kpi = Kpi.Name,
        Kind = kind,
        Text = text,
        From = Period.From,
        To = Until,
    };
}

/// <summary>The members of a dimension.</summary>
internal sealed record DimensionSeries(string Dimension, IReadOnlyList<MemberSeries> Members);
