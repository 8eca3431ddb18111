namespace Millrace.Storage;

/// <summary>A dead letter is not as a change expected it: its consumer, or somebody else, was there first. Nothing was
/// written.</summary>
public sealed class DeadLetterConflictException(string consumer, long position, string key)
    : MillraceException(
        $"The dead letter of '{consumer}' at position {position}, key '{key}', has changed meanwhile. Read it again "
            + $"and decide anew."
    )
{
    /// <summary>The consumer.</summary>
    public string Consumer { get; } = consumer;

    /// <summary>The event's position.</summary>
    public long Position { get; } = position;

    /// <summary>The letter's key.</summary>
    public string Key { get; } = key;
}
