namespace Millrace.Storage.Objects;

/// <summary>Thrown when object storage fails.</summary>
public sealed class ObjectStorageException : MillraceException
{
    /// <summary>Creates an error.</summary>
    /// <param name="message">What failed, where, and what to do.</param>
    /// <param name="problem">The kind of problem.</param>
    /// <param name="innerException">The cause; may be null.</param>
    public ObjectStorageException(string message, ObjectStorageProblem problem, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>Gets the kind of problem.</summary>
    public ObjectStorageProblem Problem { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Problem is ObjectStorageProblem.Unavailable or ObjectStorageProblem.Full;
}
