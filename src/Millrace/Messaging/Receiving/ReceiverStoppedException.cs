namespace Millrace.Messaging.Receiving;

/// <summary>
/// Thrown when a receiver stops at a message that it cannot read (<see cref="UnreadableMessages.Stop"/>).
/// </summary>
internal sealed class ReceiverStoppedException(MessageUnreadableException unreadable)
    : MillraceException(
        $"{unreadable.Message} The receiver has stopped at this message, as set by "
            + $"{nameof(ReceiverBuilder.OnUnreadable)}. "
            + "Remove the message from the broker or choose another rule, and restart the application.",
        unreadable);
