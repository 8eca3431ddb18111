namespace Millrace;

/// <summary>The plan of a query, with its estimated cost and its reason.</summary>
public sealed record QueryPlan
{
    private const int IndexScanCost = 10;
    private const int FullScanCost = 1_000;
    private const int CachedCost = 1;

    /// <summary>Gets the kind of the plan.</summary>
    public required PlanKind Kind { get; init; }

    /// <summary>Gets why the storage uses this plan, as a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets the name of the index; null for a plan without an index.</summary>
    public string? Index { get; init; }

    /// <summary>Gets the plan as the database describes it; null in memory.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets the parts of a complex plan; empty for other plans.</summary>
    public IReadOnlyList<QueryPlan> Parts { get; init; } = [];

    /// <summary>
    /// Gets the estimated cost, without a unit: 10 for an index scan, 1,000 for a full scan, 1 for a cached result, and
    /// the sum of the parts for a complex plan.
    /// </summary>
    public int Cost => Kind switch
    {
        PlanKind.IndexScan => IndexScanCost,
        PlanKind.FullScan => FullScanCost,
        PlanKind.Cached => CachedCost,
        PlanKind.Complex => Parts.Sum(part => part.Cost),
        _ => throw new InvalidOperationException($"The plan has the undefined kind {Kind}."),
    };

    /// <summary>Gets whether the plan or one of its parts scans all rows.</summary>
    public bool HasFullScan => Kind == PlanKind.FullScan || Parts.Any(part => part.HasFullScan);

    /// <summary>Returns a plan that reads all parts. A single part is returned unchanged.</summary>
    /// <param name="parts">At least one part.</param>
    /// <param name="reason">Why there are several parts.</param>
    public static QueryPlan Combine(IReadOnlyList<QueryPlan> parts, string reason)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count, nameof(parts));
        return parts is [var only]
            ? only
            : new QueryPlan { Kind = PlanKind.Complex, Reason = reason, Parts = parts };
    }
}
