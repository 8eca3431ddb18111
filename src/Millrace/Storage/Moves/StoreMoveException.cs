namespace Millrace.Storage.Moves;

/// <summary>A store cannot be moved: what stands in one of the two places forbids it. Nothing was lost: the store is
/// where it was.</summary>
public sealed class StoreMoveException : MillraceException
{
    /// <summary>Makes an error.</summary>
    public StoreMoveException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => false;
}
