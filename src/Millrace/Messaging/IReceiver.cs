namespace Millrace.Messaging;

/// <summary>
/// A connection over which a broker delivers the messages of a subscription. Used by one caller at a time.
/// </summary>
/// <remarks>
/// If the broker becomes unavailable, every call throws <see cref="TransportUnavailableException"/>: dispose the
/// receiver and open another one. Deliveries that were not acknowledged are delivered again, by this receiver or by one
/// on another node. The same applies to deliveries in flight when it is disposed.
/// </remarks>
public interface IReceiver : IAsyncDisposable
{
    /// <summary>
    /// Waits until messages are available and takes them, in order within a key. At most
    /// <see cref="Subscription.Prefetch"/> deliveries are in flight at a time. Cancellation loses nothing.
    /// </summary>
    /// <param name="maxCount">The maximum number of deliveries to take, from 1.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>At least one delivery.</returns>
    ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken);

    /// <summary>
    /// Acknowledges handled messages, which the broker may then remove. They can be any of those in flight, in any
    /// order.
    /// </summary>
    ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>
    /// Returns messages to be delivered again, before later ones of their key that are not in flight.
    /// </summary>
    ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}
