namespace Millrace;

/// <summary>The state of an index that was built on advice.</summary>
public enum AdvisedIndexState
{
    /// <summary>The index is built.</summary>
    Built,

    /// <summary>The index is being built, or its build was interrupted.</summary>
    Building,

    /// <summary>The index is being removed, or its removal was interrupted and must be repeated.</summary>
    Removing,

    /// <summary>
    /// A collection of the read model lacks the index. <c>advise apply</c> builds it. On PostgreSQL, nodes build it in
    /// the background.
    /// </summary>
    Missing,
}
