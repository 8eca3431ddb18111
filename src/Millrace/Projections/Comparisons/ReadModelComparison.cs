namespace Millrace;

/// <summary>What differs between two collections of a read model.</summary>
/// <param name="Before">The collection that is read.</param>
/// <param name="After">The one that was built beside it.</param>
/// <param name="Same">How many documents are the same in both.</param>
/// <param name="Added">How many only the new one has.</param>
/// <param name="Changed">How many differ.</param>
/// <param name="Gone">How many only the old one has.</param>
/// <param name="ChangedMeanwhile">How many could not be compared, because one of the two had moved on and the other had
/// not.</param>
/// <param name="Examples">Some of those that differ, in the order of their keys.</param>
public sealed record ReadModelComparison(
    string Before,
    string After,
    long Same,
    long Added,
    long Changed,
    long Gone,
    long ChangedMeanwhile,
    IReadOnlyList<DocumentDifference> Examples)
{
    /// <summary>Whether all was compared, and nothing differs.</summary>
    public bool IsSame => Added == 0 && Changed == 0 && Gone == 0 && ChangedMeanwhile == 0;
}
