namespace Millrace.Messaging.Tests;

/// <summary>A transport in memory with one fault that a test chooses.</summary>
internal sealed class FaultyTransport(InMemoryBroker broker) : ITransport
{
    private readonly InMemoryTransport _inner = new(broker);

    public Func<IReadOnlyList<OutgoingMessage>, IReadOnlyList<OutgoingMessage>> MapSent { get; init; } =
        static sent => sent;

    public Func<IReadOnlyList<PublishOutcome>, IReadOnlyList<PublishOutcome>> MapOutcomes { get; init; } =
        static outcomes => outcomes;

    public Func<Message, Message> MapRead { get; init; } = static message => message;

    /// <summary>Gets the function that returns why a message cannot be read, or null.</summary>
    public Func<Message, string?> Problem { get; init; } = static _ => null;

    /// <summary>Gets the function that returns whether a message is a tombstone.</summary>
    public Func<Message, bool> IsTombstone { get; init; } = static _ => false;

    public Func<Subscription, Subscription> MapSubscription { get; init; } = static subscription => subscription;

    public bool ReportsSuccess { get; init; }

    public bool AcknowledgesOnReceive { get; init; }

    public bool ForgetsAcknowledgements { get; init; }

    public bool ForgetsReturns { get; init; }

    public bool ReturnsMoreThanRequested { get; init; }

    public bool IgnoresCancellation { get; init; }

    /// <summary>Gets the number of publish calls.</summary>
    public int Calls { get; private set; }

    public string System => "faulty";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => _inner.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) => _inner.Declare(
        topology with { Subscriptions = [.. topology.Subscriptions.Select(MapSubscription)] }, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var token = IgnoresCancellation ? CancellationToken.None : cancellationToken;
        var sent = MapSent(messages);
        try
        {
            var outcomes = await _inner.Publish(sent, token);
            return MapOutcomes(
                sent.Count == messages.Count ? outcomes : [.. messages.Select(_ => PublishOutcome.Confirmed)]);
        }
        catch (TransportUnavailableException) when (ReportsSuccess)
        {
            return [.. messages.Select(_ => PublishOutcome.Confirmed)];
        }
        finally
        {
            Calls++; // Counted last, because a test that waits for this call then restores the broker.
        }
    }

    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        new FaultyReceiver(this, await _inner.Receive(MapSubscription(subscription), cancellationToken));

    public async ValueTask Check(CancellationToken cancellationToken)
    {
        try
        {
            await _inner.Check(cancellationToken);
        }
        catch (TransportUnavailableException) when (ReportsSuccess)
        {
            // The fault hides that the broker is unavailable.
        }
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class FaultyReceiver(FaultyTransport transport, IReceiver inner) : IReceiver
    {
        public async ValueTask<IReadOnlyList<Delivery>> Take(int max, CancellationToken cancellationToken)
        {
            var deliveries = await inner.Take(transport.ReturnsMoreThanRequested ? max + 1 : max, cancellationToken);
            if (transport.AcknowledgesOnReceive)
                await inner.Acknowledge(deliveries, cancellationToken);
            return [.. deliveries.Select(delivery =>
                new FaultyDelivery(delivery, transport.MapRead(delivery.Message), transport.Problem(delivery.Message))
                {
                    IsTombstone = transport.IsTombstone(delivery.Message),
                })];
        }

        public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            transport.ForgetsAcknowledgements
                ? ValueTask.CompletedTask
                : inner.Acknowledge(Inner(deliveries), cancellationToken);

        public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            transport.ForgetsReturns ? ValueTask.CompletedTask : inner.Return(Inner(deliveries), cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private static Delivery[] Inner(IReadOnlyList<Delivery> deliveries) =>
            [.. deliveries.Select(delivery => ((FaultyDelivery)delivery).Inner)];
    }

    private sealed class FaultyDelivery(Delivery inner, Message message, string? problem)
        : Delivery(message, problem ?? inner.Problem)
    {
        public Delivery Inner { get; } = inner;
    }
}
