namespace Millrace;

/// <summary>The differences between two collections of a read model.</summary>
/// <param name="Before">The collection that is read.</param>
/// <param name="After">The collection that was built beside it.</param>
/// <param name="Same">The number of equal documents.</param>
/// <param name="Added">The number of documents only in the new collection.</param>
/// <param name="Changed">The number of documents that differ.</param>
/// <param name="Gone">The number of documents only in the old collection.</param>
/// <param name="ChangedMeanwhile">The number of documents that could not be compared, because one collection had moved
/// on and the other had not.</param>
/// <param name="Examples">Some of the documents that differ, in the order of their keys.</param>
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
    /// <summary>Gets whether everything was compared without a difference.</summary>
    public bool IsSame => Added == 0 && Changed == 0 && Gone == 0 && ChangedMeanwhile == 0;
}
