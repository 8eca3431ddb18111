namespace Millrace;

/// <summary>A sentence about a business figure, with its evidence.</summary>
public sealed record KpiInsight
{
    /// <summary>Gets the name of the figure.</summary>
    public required string Kpi { get; init; }

    /// <summary>Gets what the sentence is about.</summary>
    public required KpiInsightKind Kind { get; init; }

    /// <summary>Gets the sentence.</summary>
    public required string Text { get; init; }

    /// <summary>Gets the start of the period of <see cref="Value"/>.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the end of the period, which is not included.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Gets the value; null if the sentence has none.</summary>
    public decimal? Value { get; init; }

    /// <summary>Gets the value with which <see cref="Value"/> is compared; null if there is none.</summary>
    public decimal? Reference { get; init; }

    /// <summary>Gets the dimension of <see cref="Member"/>; null for the whole figure.</summary>
    public string? Dimension { get; init; }

    /// <summary>Gets the member of the dimension; null for the whole figure.</summary>
    public string? Member { get; init; }

    /// <summary>Gets the events, such as an order and its cancellation.</summary>
    public IReadOnlyList<KpiContribution> Events { get; init; } = [];

    /// <summary>Gets the path that <c>millrace why</c> explains; null if the period is not one hour.</summary>
    public string? Path { get; init; }
}
