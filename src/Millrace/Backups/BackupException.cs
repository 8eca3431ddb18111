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

    /// <summary>Gets why the backup was refused.</summary>
    public BackupProblem Problem { get; init; }

    /// <summary>Gets the name of the object that is damaged or missing; null for another problem.</summary>
    public string? DamagedObject { get; init; }

    /// <summary>
    /// Gets the last position that can be restored without the damaged object; null if this is not known.
    /// </summary>
    public long? RestorablePosition { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => false;
}
