namespace Millrace.Storage.Moves;

/// <summary>
/// Thrown when the contents of one of the two storages do not allow a move. Nothing was lost: the store is where it
/// was.
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
