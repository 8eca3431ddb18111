namespace Millrace.Messaging;

/// <summary>
/// A receiver whose broker also keeps the messages that wait for a retry. Later messages of the same key wait after
/// them. When a retry is due, the broker delivers the messages to any active receiver of the subscription.
/// </summary>
/// <remarks>
/// <see cref="Postpone"/> and <see cref="Enqueue"/> also acknowledge the message, so that a later acknowledgement has
/// no effect. The broker delivers a retried message with its <see cref="Delivery.Attempts"/>, and then the messages
/// that wait after it. The broker keeps each message until it is acknowledged. <see cref="Postpone"/>,
/// <see cref="Enqueue"/> and <see cref="MustWait"/> may be called concurrently for messages of different keys, also
/// during a call of <see cref="IReceiver.Take"/>.
/// </remarks>
public interface IRetryingReceiver : IReceiver
{
    /// <summary>
    /// Gets the number of messages that wait or are being retried, according to this receiver's last information.
    /// </summary>
    long Waiting { get; }

    /// <summary>
    /// Gets the reason why the receiver accepts no messages until some of the waiting messages are handled; null while
    /// it accepts messages.
    /// </summary>
    string? StallReason { get; }

    /// <summary>
    /// Returns true if a delivery may have to wait for an earlier message of its key. Does not call the broker.
    /// </summary>
    bool MustWait(Delivery delivery);

    /// <summary>
    /// Adds a delivery after the waiting messages of its key, atomically with its acknowledgement. Returns false if no
    /// message of the key waits. The caller must then handle the delivery.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or has passed the delivery to another
    /// receiver.</exception>
    ValueTask<bool> Enqueue(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a failed delivery at the broker until its retry, atomically with its acknowledgement. If the same call of
    /// <see cref="IReceiver.Take"/> returned earlier deliveries of the key, the caller must have handled them first.
    /// </summary>
    /// <param name="delivery">The delivery. Its number of attempts increases by one.</param>
    /// <param name="delay">The delay until the retry.</param>
    /// <param name="error">The error. At most 1,000 characters of it are stored.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or has passed the delivery to another
    /// receiver.</exception>
    ValueTask Postpone(Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken);
}
