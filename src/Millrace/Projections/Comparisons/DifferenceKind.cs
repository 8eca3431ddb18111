namespace Millrace;

/// <summary>In what way a document differs.</summary>
public enum DifferenceKind
{
    /// <summary>Only the new collection has it.</summary>
    Added,

    /// <summary>Both have it, with other content.</summary>
    Changed,

    /// <summary>Only the old collection has it.</summary>
    Gone,
}
