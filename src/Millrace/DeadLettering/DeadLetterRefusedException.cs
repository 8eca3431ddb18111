namespace Millrace;

/// <summary>
/// Thrown when an action is not possible for a dead letter in its current state. The message contains the reason and
/// the remedy.
/// </summary>
public sealed class DeadLetterRefusedException(long id, string reason)
    : MillraceException($"Dead letter {id}: {reason}")
{
    /// <summary>Gets the id of the dead letter.</summary>
    public long Id { get; } = id;
}
