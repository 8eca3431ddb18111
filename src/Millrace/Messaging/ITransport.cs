namespace Millrace.Messaging;

/// <summary>A connection to a broker, which an adapter implements. Thread-safe.</summary>
/// <remarks>
/// The transport connects at the first call, and reconnects after the connection was lost. It never retries or waits
/// for an unavailable broker. Instead it throws <see cref="TransportUnavailableException"/>, and the caller retries
/// after a pause. The conformance suite <c>TransportConformance</c> of Millrace.Testing defines the required behaviour.
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Gets the kind of broker by its OpenTelemetry name, such as <c>rabbitmq</c> or <c>kafka</c>.</summary>
    string System { get; }

    /// <summary>
    /// Gets whether the broker stops at a failure. If true, the broker accepts no message after an unconfirmed one of
    /// the same key in the same call. If false, the publisher has one message of a key in flight at a time.
    /// </summary>
    bool StopsAtFailure { get; }

    /// <summary>Gets the maximum size of a message's body, in bytes.</summary>
    long MaxBodyBytes { get; }

    /// <summary>
    /// Gets whether the broker can keep messages for a retry (<see cref="Subscription.Retries"/>). False by default.
    /// </summary>
    bool KeepsRetries => false;

    /// <summary>
    /// Creates the destinations and subscriptions that do not exist. The broker then keeps each published message for
    /// each subscription until it is acknowledged. Repeated calls have no effect.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable.</exception>
    /// <exception cref="TransportRefusedException">The broker has a different object of that name, or does not allow
    /// the operation.</exception>
    ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes messages, and returns when the outcome of each is known. The broker accepts messages of a key in the
    /// order of the list, also across consecutive calls. After a cancellation the outcomes are unknown.
    /// </summary>
    /// <returns>The outcome of each message, in the order of the messages.</returns>
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
