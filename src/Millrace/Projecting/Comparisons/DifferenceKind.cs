namespace Millrace;

/// <summary>The kind of difference of a document.</summary>
public enum DifferenceKind
{
    /// <summary>Only the new collection contains it.</summary>
    Added,

    /// <summary>Both collections contain it, with different content.</summary>
    Changed,

    /// <summary>Only the old collection contains it.</summary>
    Gone,
}
