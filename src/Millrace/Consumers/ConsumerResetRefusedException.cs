namespace Millrace;

/// <summary>
/// Thrown when the reset of a read model would lose an event, because the document of the event is not known yet.
/// </summary>
public sealed class ConsumerResetRefusedException(string name, long id)
    : MillraceException(
        $"The document of the event of dead letter {id} is not known yet. A reset of '{name}' would lose the "
            + "event. Retry the dead letter, or rebuild the read model.")
{
    /// <summary>Gets the name of the consumer.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the id of the dead letter.</summary>
    public long DeadLetterId { get; } = id;
}
