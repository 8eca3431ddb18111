namespace Millrace;

/// <summary>Selects a part of a business figure.</summary>
public sealed record KpiQuery
{
    /// <summary>Gets the name of the figure.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the start. It is rounded down to the start of a period.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the end, which is not included. It is rounded up to the end of a period.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Gets the length of the periods; an hour by default.</summary>
    public KpiStep Step { get; init; } = KpiStep.Hour;

    /// <summary>Gets the dimension; null for the whole figure.</summary>
    public string? Dimension { get; init; }

    /// <summary>Gets the member of the dimension; null for the whole figure or for all members.</summary>
    public string? Member { get; init; }

    /// <summary>
    /// Gets the number of earlier weeks with which each period is compared; from 0 to
    /// <see cref="Kpis.MaxWeeks"/>. The default is 0, which means no comparison.
    /// </summary>
    public int Weeks { get; init; }

    /// <summary>
    /// Gets the maximum number of series that <see cref="Kpis.ReadMembers"/> returns; 20 by default.
    /// </summary>
    public int MaxMembers { get; init; } = 20;

    /// <summary>Gets the position that the figures must contain; none by default.</summary>
    public ReadAfter After { get; init; }
}
