namespace Millrace;

/// <summary>A business figure in a report.</summary>
public sealed record KpiReportFigure
{
    /// <summary>Gets the description of the figure.</summary>
    public required KpiInfo Kpi { get; init; }

    /// <summary>Gets the value of the period; null for a mean, ratio or duration without events.</summary>
    public decimal? Value { get; init; }

    /// <summary>Gets the value of the same time before; null if it is not known.</summary>
    public decimal? Before { get; init; }

    /// <summary>Gets a note if the values may be incomplete, or could not be read; null otherwise.</summary>
    public string? Note { get; init; }

    /// <summary>Gets whether the values contain all events that were stored before the report.</summary>
    internal bool IsFresh { get; init; } = true;

    /// <summary>Gets the number of events.</summary>
    public long Events { get; init; }

    /// <summary>Gets the days of the period; in a long one the weeks or months.</summary>
    public IReadOnlyList<KpiReportBar> Bars { get; init; } = [];

    /// <summary>Gets the first dimension; null if there is none.</summary>
    public string? Dimension { get; init; }

    /// <summary>Gets the largest members of the dimension, largest first; at most 5.</summary>
    public IReadOnlyList<KpiReportMember> Members { get; init; } = [];

    /// <summary>Gets the insights.</summary>
    public IReadOnlyList<KpiInsight> Insights { get; init; } = [];
}

/// <summary>A part of the period of a report.</summary>
/// <param name="Label">The day, week or month.</param>
/// <param name="From">The start.</param>
/// <param name="Value">The value; null for a mean, ratio or duration without events.</param>
public sealed record KpiReportBar(string Label, DateTimeOffset From, decimal? Value);

/// <summary>A member of a dimension in a report.</summary>
/// <param name="Member">The member.</param>
/// <param name="Value">The value of the period.</param>
/// <param name="Before">The value of the same time before; null if it is not known.</param>
public sealed record KpiReportMember(string Member, decimal Value, decimal? Before);
