namespace Millrace.Messaging;

/// <summary>
/// A broker, as an application uses it: the interface that an adapter implements. Safe for use by many callers at once.
/// </summary>
/// <remarks>
/// It connects when it is first needed, and reconnects after the connection was lost. It never waits for an unavailable
/// broker and never retries: it throws <see cref="TransportUnavailableException"/>, and the caller retries after a
/// pause. The conformance suite <c>TransportConformance</c> of Millrace.Testing defines its behaviour.
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Gets the kind of broker, as named by OpenTelemetry: <c>rabbitmq</c>, <c>kafka</c>.</summary>
    string System { get; }

    /// <summary>
    /// True when an unconfirmed message prevents the broker from accepting later ones of its key in the same call. If
    /// false, the publisher has one message of a key in flight at a time.
    /// </summary>
    bool StopsAtFailure { get; }

    /// <summary>Gets the maximum size of a message's body, in bytes.</summary>
    long MaxBodyBytes { get; }

    /// <summary>
    /// Gets whether its receivers can keep messages for a retry: <see cref="Subscription.Retries"/>. False by default.
    /// </summary>
    bool KeepsRetries => false;

    /// <summary>
    /// Creates the destinations and subscriptions that do not exist. After that, a published message is kept for each
    /// subscription until it is acknowledged. Repeated calls have no effect.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable.</exception>
    /// <exception cref="TransportRefusedException">The broker has a different object of that name, or does not allow
    /// the operation.</exception>
    ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes messages, and returns when the outcome of each is known. Messages of a key are accepted in the given
    /// order, also across consecutive calls. After a cancellation the outcomes are unknown.
    /// </summary>
    /// <returns>The outcome of each message, in the order given.</returns>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, and no message is known to be
    /// accepted.</exception>
    ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Opens a receiver for the messages of a declared subscription.</summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable.</exception>
    ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>Checks whether the broker is available.</summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or does not answer.</exception>
    ValueTask Check(CancellationToken cancellationToken);
}
