namespace Millrace;

/// <summary>Thrown when a proof is requested for a position that no seal covers.</summary>
public sealed class PositionNotSealedException : MillraceException
{
    internal PositionNotSealedException(long position, long sealedThrough)
        : base(
            sealedThrough == 0
                ? "The log has no seal. Add seals to the application with AddSeals."
                : $"Position {position} is not sealed: the last seal covers the positions from 1 to {sealedThrough}.")
        => (Position, SealedThrough) = (position, sealedThrough);

    /// <summary>Gets the position.</summary>
    public long Position { get; }

    /// <summary>Gets the last sealed position; 0 if there is no seal.</summary>
    public long SealedThrough { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Position > SealedThrough && Position > 0;
}
