namespace Millrace.Business;

/// <summary>The values of an hour that belong together. Immutable.</summary>
internal sealed record KpiCell
{
    public static readonly KpiCell Empty = new();

    /// <summary>Gets the exact sum of the values; for a ratio, of the parts.</summary>
    public decimal Sum { get; init; }

    /// <summary>Gets the number of values of a mean or a duration, or the sum of the wholes of a ratio.</summary>
    public decimal? Weight { get; init; }

    /// <summary>Gets the number of events.</summary>
    public long Count { get; init; }

    /// <summary>Gets the events with the largest absolute values, largest first.</summary>
    public IReadOnlyList<KpiContribution> Largest { get; init; } = [];

    /// <summary>
    /// Gets the number of durations in each bucket of <see cref="KpiHistogram"/>; null for other kinds.
    /// </summary>
    public IReadOnlyDictionary<int, long>? Durations { get; init; }

    /// <summary>Returns a cell with the events of both cells. The order of the cells does not matter.</summary>
    public KpiCell Add(KpiCell other) => new()
    {
        Sum = Sum + other.Sum,
        Weight = Weight is null && other.Weight is null ? null : (Weight ?? 0) + (other.Weight ?? 0),
        Count = Count + other.Count,
        Largest = LargestOf(Largest, other.Largest),
        Durations = KpiHistogram.Add(Durations, other.Durations),
    };

    /// <summary>Returns the value of the kind; null if there is none.</summary>
    public decimal? ValueOf(KpiKind kind) => kind switch
    {
        KpiKind.Sum or KpiKind.Count => Sum,
        _ => Weight is { } weight && weight != 0 ? Sum / weight : null,
    };

    private static IReadOnlyList<KpiContribution> LargestOf(
        IReadOnlyList<KpiContribution> one, IReadOnlyList<KpiContribution> other)
    {
        if (one.Count == 0 || other.Count == 0)
            return one.Count == 0 ? other : one;
        // The usual case of a fold: the new event is not among the largest of a full list.
        if (one.Count == Kpis.MaxLargest && other.Count == 1 && Compare(one[^1], other[0]) < 0)
            return one;
        return [.. one.Concat(other).Order(Comparer<KpiContribution>.Create(Compare)).Take(Kpis.MaxLargest)];
    }

    private static int Compare(KpiContribution one, KpiContribution other) =>
        Math.Abs(other.Value).CompareTo(Math.Abs(one.Value)) is var byValue and not 0 ? byValue
        : one.Position.CompareTo(other.Position) is var byPosition and not 0 ? byPosition
        : string.CompareOrdinal(one.Stream, other.Stream);
}
