namespace Millrace;

/// <summary>What was asked for cannot be done with a dead letter as it stands; says why and what to do.</summary>
public sealed class DeadLetterRefusedException(long id, string reason)
    : MillraceException($"Dead letter {id}: {reason}")
{
    /// <summary>The letter's number.</summary>
    public long Id { get; } = id;
}
