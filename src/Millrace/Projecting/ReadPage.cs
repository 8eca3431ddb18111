namespace Millrace;

/// <summary>A page of documents.</summary>
/// <param name="Items">The documents, in the requested order.</param>
/// <param name="Next">The opaque value for <see cref="ReadQuery.Cursor"/> of the next page; null on the last
/// page.</param>
/// <param name="Freshness">Whether the page contains the position of the requested token; without a token, whether it
/// contains the whole log as far as this node knows it.</param>
public sealed record ReadPage<TDocument>(IReadOnlyList<TDocument> Items, string? Next, Freshness Freshness)
{
    /// <summary>Gets whether the page is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;
}
