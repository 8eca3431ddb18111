namespace Millrace.Storage;

/// <summary>Thrown when the database of a store fails or cannot be used.</summary>
public class StorageException : MillraceException
{
    /// <summary>Creates an error.</summary>
    public StorageException(string message, StorageProblem problem, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>Gets the kind of problem.</summary>
    public StorageProblem Problem { get; }

    /// <summary>
    /// Gets whether the outcome of a commit is unknown. Repeat the commit with the same event ids, or check whether the
    /// events exist.
    /// </summary>
    public bool IsInDoubt => Problem == StorageProblem.InDoubt;

    /// <inheritdoc/>
    public override bool IsTransient =>
        Problem is StorageProblem.Busy or StorageProblem.Full or StorageProblem.Unavailable;
}
