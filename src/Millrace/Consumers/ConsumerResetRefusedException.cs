namespace Millrace;

/// <summary>A read model is not set back behind an event that it would lose: the event's document is not known
/// yet.</summary>
public sealed class ConsumerResetRefusedException(string name, long letter)
    : MillraceException(
        $"The document of the event of dead letter {letter} is not known, so that '{name}' would lose it when it is "
            + $"set back. "
        + "Retry the letter, or rebuild the read model.")
{
    /// <summary>The consumer.</summary>
    public string Name { get; } = name;

    /// <summary>The letter's number.</summary>
    public long DeadLetterId { get; } = letter;
}
