namespace Millrace;

/// <summary>The kind of difference of a document.</summary>
public enum DifferenceKind
{
    /// <summary>Only the new collection contains the document.</summary>
    Added,

    /// <summary>Both collections contain the document, but its content differs.</summary>
    Changed,

    /// <summary>Only the old collection contains the document.</summary>
    Gone,
}
