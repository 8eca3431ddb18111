namespace Millrace;

/// <summary>What a build would make of one read model.</summary>
/// <param name="Collection">The collection that the build would build.</param>
/// <param name="Live">The one in use that it was compared with; null when the store has none, and everything is
/// new.</param>
/// <param name="Comparison">What differs.</param>
/// <param name="Events">How many events it folds.</param>
/// <param name="Documents">How many documents it makes of them.</param>
/// <param name="Bytes">How many bytes these take, without indexes.</param>
/// <param name="ExpectedTime">How long building it beside the one in use is expected to take on a machine like this
/// one.</param>
/// <param name="Failed">
/// How many events its code cannot fold, which would become dead letters, and how many documents cannot be written.
/// </param>
/// <param name="Failures">The first ten of these.</param>
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
