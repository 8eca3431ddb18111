namespace Millrace.Messaging;

/// <summary>
/// A receiver whose broker also keeps messages that wait for a retry, with later messages of their keys behind them.
/// When a retry is due, the broker delivers them to any active receiver of the subscription.
/// </summary>
/// <remarks>
/// A message that is put off or put behind counts as acknowledged; acknowledging it has no effect. A retried message is
/// delivered with its <see cref="Delivery.Attempts"/>, followed by those behind it, and is kept until it is
/// acknowledged. <see cref="PutOff"/>, <see cref="PutBehind"/> and <see cref="Waits"/> may be called concurrently for
/// messages of different keys, also while messages are taken.
/// </remarks>
public interface IRetryingReceiver : IReceiver
{
    /// <summary>Gets the number of messages that wait or are being retried, as far as this receiver knows.</summary>
    long Waiting { get; }

    /// <summary>
    /// Gets why no further messages are taken until some waiting ones are handled; null if messages are taken.
    /// </summary>
    string? Stall { get; }

    /// <summary>
    /// Returns true if a delivery may have to wait behind an earlier message of its key. Does not call the broker.
    /// </summary>
    bool Waits(Delivery delivery);

    /// <summary>
    /// Puts a delivery behind the waiting messages of its key, atomically with its acknowledgement. Returns false if
    /// none waits any more: the delivery must then be handled.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or has passed the delivery to another
    /// receiver.</exception>
    ValueTask<bool> PutBehind(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a delivery that could not be handled until its retry, atomically with its acknowledgement. Earlier
    /// deliveries of its key that were taken with it must have been handled.
    /// </summary>
    /// <param name="delivery">The delivery; it counts one more attempt from now on.</param>
    /// <param name="delay">The delay until the retry.</param>
    /// <param name="error">The error; at most 1,000 characters of it are kept.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or has passed the delivery to another
    /// receiver.</exception>
    ValueTask PutOff(Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken);
}
