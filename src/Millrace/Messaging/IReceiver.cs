namespace Millrace.Messaging;

/// <summary>A connection over which a broker delivers the messages of a subscription. Not thread-safe.</summary>
/// <remarks>
/// If the broker becomes unavailable, every call throws <see cref="TransportUnavailableException"/>. The caller then
/// disposes the receiver and opens another one. A delivery is in flight until it is acknowledged or returned. If the
/// connection closes, or the receiver is disposed, the broker delivers the messages in flight again, to this node or to
/// another one.
/// </remarks>
public interface IReceiver : IAsyncDisposable
{
    /// <summary>
    /// Waits until messages are available and returns them. Messages of one key arrive in order. At most
    /// <see cref="Subscription.Prefetch"/> deliveries are in flight at a time. Cancelling the wait loses no messages.
    /// </summary>
    /// <param name="maxCount">The maximum number of deliveries to return, from 1.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>At least one delivery.</returns>
    ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken);

    /// <summary>
    /// Acknowledges messages that the caller has handled. The broker may then remove them. The caller can acknowledge
    /// messages in flight in any order.
    /// </summary>
    ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>
    /// Returns messages to the broker, which delivers them again. Later messages of the same key follow them, unless
    /// the later messages are already in flight.
    /// </summary>
    ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}
