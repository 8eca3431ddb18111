namespace Millrace.Messaging;

/// <summary>A broker, as an application sees it: all that an adapter implements. Safe for use by many callers at
/// once.</summary>
/// <remarks>
/// It connects when it is first needed, and again when the connection is gone. It does not wait for a broker that is
/// away and does not try again by itself: it throws <see cref="TransportUnavailableException"/>, and who called pauses
/// and tries again. What it must keep to is in the conformance suite, <c>TransportConformance</c> of Millrace.Testing.
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>The kind of broker, as OpenTelemetry calls it: <c>rabbitmq</c>, <c>kafka</c>.</summary>
    string System { get; }

    /// <summary>
    /// Whether a message that is not confirmed keeps the later ones of its key in the same call from being taken over.
    /// If not, the publisher has one message of a key under way at a time.
    /// </summary>
    bool StopsAtFailure { get; }

    /// <summary>The most bytes of a message's body.</summary>
    long MaxBodyBytes { get; }

    /// <summary>Whether its receivers can keep messages that are to be tried again: <see cref="Subscription.Retries"/>.
    /// False by default.</summary>
    bool KeepsRetries => false;

    /// <summary>
    /// Makes the destinations and subscriptions that are not there. From then on a message published is kept for each
    /// subscription until it is acknowledged there. Calling it again changes nothing.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is away.</exception>
    /// <exception cref="TransportRefusedException">The broker has something else under a name, or does not allow
    /// it.</exception>
    ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes messages, and returns when the fate of each is known. Those of a key are taken over in the order
    /// given, also over calls that follow one another. Cancelling leaves open what became of them.
    /// </summary>
    /// <returns>The outcome of each message, in the order given.</returns>
    /// <exception cref="TransportUnavailableException">The broker is away, and none is known to be taken
    /// over.</exception>
    ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Opens a line over which the messages of a declared subscription come.</summary>
    /// <exception cref="TransportUnavailableException">The broker is away.</exception>
    ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>Asks the broker whether it is there.</summary>
    /// <exception cref="TransportUnavailableException">It is not, or does not answer.</exception>
    ValueTask Check(CancellationToken cancellationToken);
}
