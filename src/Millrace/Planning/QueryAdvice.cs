using Millrace.Storage;

namespace Millrace;

/// <summary>A proposal that makes queries faster or writes cheaper, with the queries that it concerns.</summary>
public sealed record QueryAdvice
{
    /// <summary>Gets the kind of the proposal.</summary>
    public required AdviceKind Kind { get; init; }

    /// <summary>
    /// Gets the name: <c>idx_</c>, <c>mv_</c> or <c>cache_</c>, and the pattern of the query.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Gets the name of the read model, or <see cref="QueryShape.LogSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the members of the index, in order; empty for a view or a cache.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Gets the kind of index that the frequency of the queries suggests.</summary>
    public IndexKind SuggestedKind { get; init; }

    /// <summary>Gets the kind of index that would be built; only a B-tree has several members.</summary>
    public IndexKind BuiltKind { get; init; }

    /// <summary>Gets the queries that would gain, or that used the index last; most executions first.</summary>
    public IReadOnlyList<QueryUse> Queries { get; init; } = [];

    /// <summary>Gets the frequency of the queries.</summary>
    public QueryFrequency Frequency { get; init; }

    /// <summary>Gets the reason, as a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets the verification; null if the proposal is based on the measured times only.</summary>
    public IndexTrial? Trial { get; init; }

    /// <summary>
    /// Gets the time that the remembered queries would have saved, from their measured times and the expected gain.
    /// </summary>
    public TimeSpan SavedTime { get; init; }

    /// <summary>
    /// Gets the estimated size in bytes of the kept result for one combination of values; null for indexes, whose
    /// <see cref="Trial"/> contains the size.
    /// </summary>
    public long? SizeBytes { get; init; }

    /// <summary>
    /// Gets the estimated cost of each refresh of a view, or of the first query after a change for a cache: the average
    /// time of the query. Null for indexes.
    /// </summary>
    public TimeSpan? RefreshTime { get; init; }

    /// <summary>
    /// Gets how often a view should be refreshed, which follows how often the query is asked; null for other kinds.
    /// </summary>
    public TimeSpan? RefreshInterval { get; init; }

    /// <summary>Gets whether <c>advise apply</c> can carry out the proposal.</summary>
    public bool CanApply { get; init; }
}
