namespace Millrace.Storage.Moves;

/// <summary>
/// Thrown when the contents of one of the two storages do not allow a move. The store remains in its storage, and no
/// data is lost.
/// </summary>
public sealed class StoreMoveException : MillraceException
{
    /// <summary>Creates an error.</summary>
    public StoreMoveException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => false;
}
