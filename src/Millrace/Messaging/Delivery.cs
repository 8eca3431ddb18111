namespace Millrace.Messaging;

/// <summary>
/// A message that a broker has delivered, until it is acknowledged or returned. Adapters derive from it.
/// </summary>
/// <param name="message">The message.</param>
/// <param name="problem">Why it cannot be read as a message; null if it can.</param>
public class Delivery(Message message, string? problem = null)
{
    /// <summary>Gets the message. An unreadable message has the bytes, and an id derived from them.</summary>
    public Message Message { get; } = message;

    /// <summary>Gets why it cannot be read as a message; null if it can.</summary>
    public string? Problem { get; } = problem;

    /// <summary>Gets whether the broker reports that it may have been delivered before.</summary>
    public bool MayBeRepeated { get; init; }

    /// <summary>
    /// True for a tombstone: a record of a compacted topic with a null value. It does not count as unreadable, and
    /// <see cref="Message.Key"/> is the key that the sender has deleted.
    /// </summary>
    public bool IsTombstone { get; init; }

    /// <summary>
    /// Gets the number of failed attempts to handle it, if the broker counts them (<see cref="IRetryingReceiver"/>);
    /// else 0.
    /// </summary>
    public int Attempts { get; init; }
}
