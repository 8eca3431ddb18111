namespace Millrace.Storage;

/// <summary>
/// Thrown when the consumer or another client has changed a dead letter before this change. The request wrote nothing.
/// </summary>
public sealed class DeadLetterConflictException(string consumer, long position, string key)
    : MillraceException(
        $"The dead letter of '{consumer}' at position {position}, key '{key}', was changed by another request. "
        + "Read it again and repeat the decision.")
{
    /// <summary>Gets the consumer.</summary>
    public string Consumer { get; } = consumer;

    /// <summary>Gets the position of the event.</summary>
    public long Position { get; } = position;

    /// <summary>Gets the key of the dead letter.</summary>
    public string Key { get; } = key;
}
