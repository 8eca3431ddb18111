namespace Millrace.Storage;

/// <summary>The database under a store failed or cannot be used.</summary>
public class StorageException : MillraceException
{
    /// <summary>Makes an error.</summary>
    public StorageException(string message, StorageProblem problem, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What kind of trouble it is.</summary>
    public StorageProblem Problem { get; }

    /// <summary>
    /// True when it is not known whether a commit happened. Repeat it with the same event ids, or look whether they are
    /// there.
    /// </summary>
    public bool IsInDoubt => Problem == StorageProblem.InDoubt;

    /// <inheritdoc/>
    public override bool IsTransient =>
        Problem is StorageProblem.Busy or StorageProblem.Full or StorageProblem.Unavailable;
}
