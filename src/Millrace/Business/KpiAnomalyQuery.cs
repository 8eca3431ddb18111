namespace Millrace;

/// <summary>Selects anomalies of business figures.</summary>
public sealed record KpiAnomalyQuery
{
    /// <summary>Gets the name of the figure; null for all.</summary>
    public string? Kpi { get; init; }

    /// <summary>Gets the start of the first hour; null for no limit.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Gets the end, which is not included; null for no limit.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Gets the maximum number of anomalies; from 1 to 1,000, 100 by default.</summary>
    public int Limit { get; init; } = 100;
}
