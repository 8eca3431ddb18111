using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>A business figure over time.</summary>
public sealed record KpiSeries
{
    /// <summary>Gets the description of the figure.</summary>
    public required KpiInfo Kpi { get; init; }

    /// <summary>Gets the dimension; null for the whole figure.</summary>
    public string? Dimension { get; init; }

    /// <summary>
    /// Gets the member of the dimension, such as a country; null for the whole figure. <see cref="Kpis.OtherMember"/>
    /// contains the members beyond the limit, and <see cref="Kpis.NoMember"/> the values without a member.
    /// </summary>
    public string? Member { get; init; }

    /// <summary>Gets the length of the periods.</summary>
    public required KpiStep Step { get; init; }

    /// <summary>Gets all periods in order. A period without events has a point too.</summary>
    public required IReadOnlyList<KpiPoint> Points { get; init; }

    /// <summary>Gets the figure of the whole time.</summary>
    public required KpiPoint Total { get; init; }

    /// <summary>
    /// Gets whether the series contains all events of the requested position, or how many are missing.
    /// </summary>
    [JsonIgnore]
    public Freshness Freshness { get; init; }

    /// <summary>Gets whether the series contains all events of the requested position.</summary>
    public bool IsFresh => Freshness.IsFresh;
}
