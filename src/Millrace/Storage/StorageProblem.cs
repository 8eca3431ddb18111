namespace Millrace.Storage;

/// <summary>Kinds of trouble with a database.</summary>
public enum StorageProblem
{
    /// <summary>Any other.</summary>
    Other,

    /// <summary>Somebody else held it for longer than the limit.</summary>
    Busy,

    /// <summary>There is no room on the disk, or a limit on its size is reached.</summary>
    Full,

    /// <summary>It may not be written.</summary>
    ReadOnly,

    /// <summary>Reading or writing the disk failed.</summary>
    InputOutput,

    /// <summary>Its bytes are not what they must be.</summary>
    Damaged,

    /// <summary>It is not a Millrace store.</summary>
    NotAStore,

    /// <summary>It was written by a newer version of Millrace.</summary>
    TooNew,

    /// <summary>It cannot be reached or opened.</summary>
    Unavailable,

    /// <summary>The outcome of a commit is not known.</summary>
    InDoubt,

    /// <summary>A statement of the user's own was refused by the database.</summary>
    Statement,

    /// <summary>The store was disposed.</summary>
    Closed,

    /// <summary>It was written by an older version of Millrace, and is to be brought up to date before it is
    /// used.</summary>
    TooOld,

    /// <summary>The clock that would be recorded is far off the times in the log.</summary>
    Clock,

    /// <summary>It was moved to another storage, which the message names, and is closed.</summary>
    Moved,
}
