namespace Millrace;

/// <summary>The kinds of differences between a log and its seals.</summary>
public enum SealFindingKind
{
    /// <summary>The log has no seal.</summary>
    NotSealed,

    /// <summary>A sealed event has other values.</summary>
    EventChanged,

    /// <summary>There is an event at a position that had none when it was sealed.</summary>
    EventInserted,

    /// <summary>An event is missing, and no record explains its removal.</summary>
    EventMissing,

    /// <summary>An event cannot be read.</summary>
    EventUnreadable,

    /// <summary>An event is in the log although a record reports its removal.</summary>
    EventRestored,

    /// <summary>The stored hashes differ from the events or from the seals.</summary>
    HashChanged,

    /// <summary>The events and the stored hashes agree, but do not have the sealed root.</summary>
    RootChanged,

    /// <summary>A seal is missing or is not in order.</summary>
    SealMissing,

    /// <summary>A seal has a wrong signature, or contradicts the log or the previous seal.</summary>
    SealInvalid,

    /// <summary>A seal was signed with an unknown key.</summary>
    KeyUnknown,

    /// <summary>The records of removals differ from those that were sealed.</summary>
    RemovalsChanged,

    /// <summary>Events of a stream are hidden from readers or shown to them, and no record explains it.</summary>
    StreamChanged,

    /// <summary>An anchor differs from the log, or cannot be read.</summary>
    AnchorMismatch,

    /// <summary>
    /// Events were removed with a record, but no anchor covers the record, or without anchors no seal.
    /// </summary>
    RemovalNotCovered,
}
