namespace Millrace;

/// <summary>Thrown when a store cannot be backed up to a place, or cannot be restored from it.</summary>
public sealed class BackupException : MillraceException
{
    /// <summary>Creates an error.</summary>
    /// <param name="message">What failed, where, and what to do.</param>
    /// <param name="innerException">The cause; may be null.</param>
    public BackupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => false;
}
