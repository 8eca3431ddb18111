namespace Millrace.Messaging;

/// <summary>An open line to a broker over which messages of a subscription come. Used by one caller at a
/// time.</summary>
/// <remarks>
/// When the broker is gone, every call throws <see cref="TransportUnavailableException"/>: dispose the receiver and
/// open another. What was not acknowledged until then is delivered again, by that one or by one elsewhere; so is what
/// is in hand when it is disposed.
/// </remarks>
public interface IReceiver : IAsyncDisposable
{
    /// <summary>
    /// Waits until something is there, and takes what is, in order within a key; no more than
    /// <see cref="Subscription.Prefetch"/> in all is in hand at a time. Cancelling loses nothing.
    /// </summary>
    /// <param name="most">The most deliveries to take, from 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>At least one.</returns>
    ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken);

    /// <summary>Says that messages are handled: the broker may forget them. They may be any of those in hand, in any
    /// order.</summary>
    ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>Gives messages back that are to be delivered again, before later ones of their key that are not in
    /// hand.</summary>
    ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}
