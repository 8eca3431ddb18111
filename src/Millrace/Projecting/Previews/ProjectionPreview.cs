namespace Millrace;

/// <summary>The result of a preview for one read model.</summary>
/// <param name="Collection">The collection that the build would create.</param>
/// <param name="Live">The collection in use that it was compared with; null when the store has none, and everything is
/// new.</param>
/// <param name="Comparison">The differences.</param>
/// <param name="Events">The number of events that it folds.</param>
/// <param name="Documents">The number of documents that it creates.</param>
/// <param name="Bytes">The size of the documents in bytes, without indexes.</param>
/// <param name="ExpectedTime">The expected duration of a rebuild beside the collection in use, on a similar
/// machine.</param>
/// <param name="Failed">The number of events that its code cannot fold, which would become dead letters, and of
/// documents that cannot be written.</param>
/// <param name="Failures">The first ten of these failures.</param>
public sealed record ProjectionPreview(
    string Collection,
    string? Live,
    ReadModelComparison Comparison,
    long Events,
    long Documents,
    long Bytes,
    TimeSpan ExpectedTime,
    long Failed,
    IReadOnlyList<FoldFailure> Failures);
