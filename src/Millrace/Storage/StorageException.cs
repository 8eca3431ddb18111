namespace Millrace.Storage;

/// <summary>The database under a store failed or cannot be used.</summary>
public class StorageException : MillraceException
{
    /// <summary>Makes an error.</summary>
    public StorageException(string message, StorageProblem problem, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What kind of trouble it is.</summary>
    public StorageProblem Problem { get; }

    /// <summary>True when it is not known whether a commit happened. Repeat it with the same event ids, or look whether they are there.</summary>
    public bool IsInDoubt => Problem == StorageProblem.InDoubt;

    /// <inheritdoc/>
    public override bool IsTransient => Problem is StorageProblem.Busy or StorageProblem.Full or StorageProblem.Unavailable;
}

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
}
