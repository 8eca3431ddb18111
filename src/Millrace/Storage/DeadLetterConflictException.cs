namespace Millrace.Storage;

/// <summary>
/// Thrown when a dead letter is not as a change expects it, because its consumer or another client changed it first.
/// Nothing was written.
/// </summary>
public sealed class DeadLetterConflictException(string consumer, long position, string key)
    : MillraceException(
        $"The dead letter of '{consumer}' at position {position}, key '{key}', was changed in the meantime. "
        + "Read it again and repeat the decision.")
{
    /// <summary>Gets the consumer.</summary>
    public string Consumer { get; } = consumer;

    /// <summary>Gets the position of the event.</summary>
    public long Position { get; } = position;

    /// <summary>Gets the key of the dead letter.</summary>
    public string Key { get; } = key;
}
