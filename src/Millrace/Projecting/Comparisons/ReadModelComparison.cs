namespace Millrace;

/// <summary>The differences between two collections of a read model.</summary>
/// <param name="Before">The name of the older collection.</param>
/// <param name="After">The name of the newer collection.</param>
/// <param name="Same">The number of equal documents.</param>
/// <param name="Added">The number of documents that only the newer collection contains.</param>
/// <param name="Changed">The number of documents that differ.</param>
/// <param name="Gone">The number of documents that only the older collection contains.</param>
/// <param name="ChangedMeanwhile">The number of documents that could not be compared, because one collection had
/// advanced and the other had not.</param>
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
    /// <summary>Gets whether all documents were compared and none differs.</summary>
    public bool IsSame => Added == 0 && Changed == 0 && Gone == 0 && ChangedMeanwhile == 0;
}
