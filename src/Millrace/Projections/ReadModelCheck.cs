namespace Millrace;

/// <summary>Whether the documents of a projection are what its log folds to.</summary>
/// <param name="Collection">The projection with its version.</param>
/// <param name="Position">The position up to which the log was folded.</param>
/// <param name="Compared">How many documents were compared.</param>
/// <param name="ChangedMeanwhile">How many could not be, because later events changed them during the check.</param>
/// <param name="Differences">What differs: the first hundred.</param>
public sealed record ReadModelCheck(
    string Collection,
    long Position,
    long Compared,
    long ChangedMeanwhile,
    IReadOnlyList<ReadModelDifference> Differences)
{
    /// <summary>True when nothing differs.</summary>
    public bool IsSound => Differences.Count == 0;
}

/// <summary>A document that is not what the log folds to.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Problem">In what way.</param>
public sealed record ReadModelDifference(string Key, string Problem);
