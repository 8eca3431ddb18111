namespace Millrace.Messaging;

/// <summary>
/// Defines what a receiver does with a message that it cannot read. Such a message is not a CloudEvent, lacks required
/// headers, has a type without a handler, or has a body that is empty or does not fit its type.
/// </summary>
public enum UnreadableMessages
{
    /// <summary>
    /// The message becomes a dead letter, and later messages of its key wait for it. This is the default.
    /// </summary>
    Park,

    /// <summary>
    /// The message is acknowledged and not kept. It is counted, logged at most once a minute, and shown in
    /// <see cref="ReceiverStatus"/>.
    /// </summary>
    Skip,

    /// <summary>
    /// The receiver stops at the message and does not acknowledge it. It does not start again until the application is
    /// restarted.
    /// </summary>
    Stop,
}
