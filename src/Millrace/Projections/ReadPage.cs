namespace Millrace;

/// <summary>A page of documents.</summary>
/// <param name="Items">The documents, in the order asked for.</param>
/// <param name="Next">Opaque: hand it back as <see cref="ReadQuery.Cursor"/> for the next page; null when this was the
/// last.</param>
/// <param name="Freshness">Whether it reflects the token asked with; without one, whether it reflects the whole log as
/// far as this node knows it.</param>
public sealed record ReadPage<TDocument>(IReadOnlyList<TDocument> Items, string? Next, Freshness Freshness)
{
    /// <summary>Whether it is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;
}
