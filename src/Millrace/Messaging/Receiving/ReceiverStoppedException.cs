namespace Millrace.Messaging;

/// <summary>A receiver stops before a message that it cannot read, as <see cref="UnreadableMessages.Stop"/>
/// says.</summary>
internal sealed class ReceiverStoppedException(MessageUnreadableException unreadable)
    : MillraceException(
        $"{unreadable.Message} The receiver has stopped before it, as {nameof(ReceiverBuilder.OnUnreadable)} says. "
            + $"Remove the message from "
        + "the broker or choose another rule, and start the application again.",
        unreadable);
