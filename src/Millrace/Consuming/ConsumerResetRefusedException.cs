namespace Millrace;

/// <summary>
/// Thrown when the reset of a read model would lose the event of a dead letter, because it is not yet known which
/// document the event changes.
/// </summary>
public sealed class ConsumerResetRefusedException(string name, long id)
    : MillraceException(
        $"It is not yet known which document the event of dead letter {id} changes. A reset of '{name}' would lose "
            + "the event. Retry the dead letter, or rebuild the read model.")
{
    /// <summary>Gets the name of the consumer.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the id of the dead letter.</summary>
    public long DeadLetterId { get; } = id;
}
