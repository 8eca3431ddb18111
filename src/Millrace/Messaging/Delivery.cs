namespace Millrace.Messaging;

/// <summary>
/// A message that a broker has delivered and that is not yet acknowledged or returned. Adapters derive from this class.
/// </summary>
/// <param name="message">The message.</param>
/// <param name="problem">The reason why the content cannot be read as a message; null if it can be read.</param>
public class Delivery(Message message, string? problem = null)
{
    /// <summary>
    /// Gets the message. An unreadable message contains the received bytes, and an id derived from them.
    /// </summary>
    public Message Message { get; } = message;

    /// <summary>Gets the reason why the content cannot be read as a message; null if it can be read.</summary>
    public string? Problem { get; } = problem;

    /// <summary>Gets whether the broker reports that it may have delivered the message before.</summary>
    public bool MayBeRepeated { get; init; }

    /// <summary>
    /// Gets whether the message is a tombstone, which is a record of a compacted topic with a null value. A tombstone
    /// is not an unreadable message. Its <see cref="Message.Key"/> is the key that the sender has deleted.
    /// </summary>
    public bool IsTombstone { get; init; }

    /// <summary>
    /// Gets the number of failed attempts to handle the message, or 0 if the broker does not count them. A broker with
    /// an <see cref="IRetryingReceiver"/> counts them.
    /// </summary>
    public int Attempts { get; init; }
}
