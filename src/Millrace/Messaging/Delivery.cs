namespace Millrace.Messaging;

/// <summary>A message that a broker has handed over, until it is acknowledged or returned. Adapters derive
/// theirs.</summary>
/// <param name="message">The message.</param>
/// <param name="problem">Why it cannot be read as a message; null when it can.</param>
public class Delivery(Message message, string? problem = null)
{
    /// <summary>The message. One that cannot be read has the bytes, and an id made of them.</summary>
    public Message Message { get; } = message;

    /// <summary>Why it cannot be read as a message, for people; null when it can.</summary>
    public string? Problem { get; } = problem;

    /// <summary>Whether the broker says that it may have been delivered before.</summary>
    public bool MayBeRepeated { get; init; }

    /// <summary>
    /// Whether it is a tombstone: a record of a compacted topic whose value is null. It is then no message that cannot
    /// be read, and <see cref="Message.Key"/> is the key that the sender has deleted.
    /// </summary>
    public bool IsTombstone { get; init; }

    /// <summary>
    /// How many attempts to handle it have failed, where the broker counts them (<see cref="IRetryingReceiver"/>); 0
    /// elsewhere.
    /// </summary>
    public int Attempts { get; init; }
}
