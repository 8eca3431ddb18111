namespace Millrace;

/// <summary>The result of comparing a projection's documents with the folded log.</summary>
/// <param name="Collection">The projection with its version.</param>
/// <param name="Position">The position up to which the log was folded; 0 for several shards.</param>
/// <param name="Compared">The number of compared documents.</param>
/// <param name="ChangedMeanwhile">The number of documents that were not compared, because later events changed them
/// during the check.</param>
/// <param name="Differences">The first hundred differences.</param>
public sealed record ReadModelCheck(
    string Collection,
    long Position,
    long Compared,
    long ChangedMeanwhile,
    IReadOnlyList<ReadModelDifference> Differences)
{
    /// <summary>Gets whether the check found no differences.</summary>
    public bool IsSound => Differences.Count == 0;
}

/// <summary>A document that differs from the folded log.</summary>
/// <param name="Key">The key of the document.</param>
/// <param name="Problem">A description of the difference.</param>
public sealed record ReadModelDifference(string Key, string Problem)
{
    /// <summary>Gets the name of the shard that contains the document; null without shards.</summary>
    public string? Shard { get; init; }
}
