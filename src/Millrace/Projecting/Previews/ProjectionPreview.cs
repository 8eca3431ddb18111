namespace Millrace;

/// <summary>The result of a preview for one read model.</summary>
/// <param name="Collection">The collection that the build would create.</param>
/// <param name="Live">The collection in use with which the result was compared, or null if the store has none. Without
/// such a collection, all documents are new.</param>
/// <param name="Comparison">The differences.</param>
/// <param name="Events">The number of events that the projection folds.</param>
/// <param name="Documents">The number of documents that the projection creates.</param>
/// <param name="Bytes">The size of the documents in bytes, without indexes.</param>
/// <param name="ExpectedTime">The expected duration of a rebuild in a separate collection, on a similar
/// machine.</param>
/// <param name="Failed">The number of events that the projection cannot fold, which would become dead letters, plus the
/// number of documents that cannot be written.</param>
/// <param name="Failures">The first ten failures.</param>
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
