namespace Millrace.Storage;

/// <summary>The kinds of problems with a database.</summary>
public enum StorageProblem
{
    /// <summary>Any other problem.</summary>
    Other,

    /// <summary>Another client blocked the database for longer than the limit.</summary>
    Busy,

    /// <summary>The disk is full, or a size limit is reached.</summary>
    Full,

    /// <summary>The database is read-only.</summary>
    ReadOnly,

    /// <summary>Reading or writing the disk failed.</summary>
    InputOutput,

    /// <summary>The data is damaged.</summary>
    Damaged,

    /// <summary>The database is not a Millrace store.</summary>
    NotAStore,

    /// <summary>A newer version of Millrace wrote the store.</summary>
    TooNew,

    /// <summary>The database cannot be reached or opened.</summary>
    Unavailable,

    /// <summary>The outcome of a commit is unknown.</summary>
    InDoubt,

    /// <summary>The database refused an SQL statement of the application.</summary>
    Statement,

    /// <summary>The store was disposed.</summary>
    Closed,

    /// <summary>An older version of Millrace wrote the store, which must be upgraded before use.</summary>
    TooOld,

    /// <summary>The current time differs too much from the times in the log.</summary>
    Clock,

    /// <summary>The store was moved to another storage and is closed. The message names the other storage.</summary>
    Moved,
}
