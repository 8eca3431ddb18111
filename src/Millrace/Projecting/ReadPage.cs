namespace Millrace;

/// <summary>A page of documents.</summary>
/// <param name="Items">The documents, in the requested order.</param>
/// <param name="Next">The opaque value for <see cref="ReadQuery.Cursor"/> of the next page, or null on the last
/// page.</param>
/// <param name="Freshness">States whether the page contains the position of the requested token. Without a token,
/// states whether it contains all events that this node knows.</param>
public sealed record ReadPage<TDocument>(IReadOnlyList<TDocument> Items, string? Next, Freshness Freshness)
{
    /// <summary>
    /// Gets the names of the members by which the documents were selected or sorted. Access control requires that the
    /// user may see them.
    /// </summary>
    public IReadOnlyCollection<string> Members { get; init; } = [];

    /// <summary>
    /// Gets the token of the position that the page reflects at least; none if the position is unknown.
    /// </summary>
    internal ConsistencyToken Reflects { get; init; }

    /// <summary>Gets the collection that was read; null for a projection of streams, which has only one.</summary>
    internal string? Collection { get; init; }

    /// <summary>Gets the time at which a document expires and changes this result; null if none does.</summary>
    internal DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Gets the keys of the documents, in the same order.</summary>
    internal IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Gets whether the page is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;
}
