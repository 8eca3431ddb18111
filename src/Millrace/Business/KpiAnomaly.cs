namespace Millrace;

/// <summary>An anomaly of a business figure, with its explanation.</summary>
public sealed record KpiAnomaly
{
    /// <summary>Gets the name of the figure.</summary>
    public required string Kpi { get; init; }

    /// <summary>Gets the dimension of <see cref="Member"/>; null for the whole figure.</summary>
    public string? Dimension { get; init; }

    /// <summary>Gets the member that is unusual, such as a country; null for the whole figure.</summary>
    public string? Member { get; init; }

    /// <summary>Gets the start of the hour in which the anomaly was found.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>
    /// Gets the number of hours up to the end of <see cref="Hour"/> to which the signal and the explanation apply.
    /// </summary>
    public int Hours { get; init; } = 1;

    /// <summary>Gets the value of the hour.</summary>
    public required decimal Value { get; init; }

    /// <summary>Gets the values that are usual in the hour; null if they are not known yet.</summary>
    public ExpectedRange? Expected { get; init; }

    /// <summary>Gets what is unusual.</summary>
    public AnomalySignal Signal { get; init; }

    /// <summary>Gets how unusual it is, from 0.5 to 1.</summary>
    public double Score { get; init; }

    /// <summary>Gets the anomaly in one or two sentences.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// Gets the members of the first dimension that deviate most from their own usual values, most first; empty for an
    /// anomaly of a member, or if there is no dimension.
    /// </summary>
    public IReadOnlyList<KpiMemberDeviation> Members { get; init; } = [];

    /// <summary>Gets the events with the largest absolute values, largest first.</summary>
    public IReadOnlyList<KpiContribution> Events { get; init; } = [];

    /// <summary>Gets the path of the hour that deviates most, for an explanation; null if it has no events.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the command that explains the value; null without <see cref="Path"/>.</summary>
    public string? Command { get; init; }

    /// <summary>Gets the time at which the anomaly was found.</summary>
    public DateTimeOffset FoundAt { get; init; }
}
