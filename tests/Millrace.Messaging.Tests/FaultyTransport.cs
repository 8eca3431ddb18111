namespace Millrace.Messaging.Tests;

/// <summary>A transport in memory with one thing wrong.</summary>
internal sealed class FaultyTransport(InMemoryBroker broker) : ITransport
{
    private readonly InMemoryTransport _inner = new(broker);

    public Func<IReadOnlyList<OutgoingMessage>, IReadOnlyList<OutgoingMessage>> Sent { get; init; } =
        static sent => sent;

    public Func<IReadOnlyList<PublishOutcome>, IReadOnlyList<PublishOutcome>> MapOutcomes { get; init; } =
        static told => told;

    public Func<Message, Message> Read { get; init; } = static message => message;

    /// <summary>Why a message cannot be read, as adapters say it of messages of other senders.</summary>
    public Func<Message, string?> Problem { get; init; } = static _ => null;

    /// <summary>Whether a message is a tombstone.</summary>
    public Func<Message, bool> IsTombstone { get; init; } = static _ => false;

    public Func<Subscription, Subscription> Subscribed { get; init; } = static subscription => subscription;

    public bool ReportsSuccess { get; init; }

    public bool AcknowledgesOnReceive { get; init; }

    public bool ForgetsAcknowledgements { get; init; }

    public bool ForgetsReturns { get; init; }

    public bool GivesMoreThanAsked { get; init; }

    public bool IgnoresCancellation { get; init; }

    /// <summary>The number of publish calls.</summary>
    public int Calls { get; private set; }

    public string System => "bent";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => _inner.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) => _inner.Declare(
        topology with { Subscriptions = [.. topology.Subscriptions.Select(Subscribed)] }, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var token = IgnoresCancellation ? CancellationToken.None : cancellationToken;
        var sent = Sent(messages);
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
            Calls++; // Only now: a test that waits for a call restores the broker then.
        }
    }

    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        new FaultyReceiver(this, await _inner.Receive(Subscribed(subscription), cancellationToken));

    public async ValueTask Check(CancellationToken cancellationToken)
    {
        try
        {
            await _inner.Check(cancellationToken);
        }
        catch (TransportUnavailableException) when (ReportsSuccess)
        {
            // Says nothing.
        }
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class FaultyReceiver(FaultyTransport bent, IReceiver sound) : IReceiver
    {
        public async ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken)
        {
            var taken = await sound.Take(bent.GivesMoreThanAsked ? most + 1 : most, cancellationToken);
            if (bent.AcknowledgesOnReceive)
                await sound.Acknowledge(taken, cancellationToken);
            return [.. taken.Select(one => new FaultyDelivery(one, bent.Read(one.Message), bent.Problem(one.Message))
            {
                IsTombstone = bent.IsTombstone(one.Message),
            })];
        }

        public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            bent.ForgetsAcknowledgements
                ? ValueTask.CompletedTask
                : sound.Acknowledge(Inner(deliveries), cancellationToken);

        public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            bent.ForgetsReturns ? ValueTask.CompletedTask : sound.Return(Inner(deliveries), cancellationToken);

        public ValueTask DisposeAsync() => sound.DisposeAsync();

        private static Delivery[] Inner(IReadOnlyList<Delivery> deliveries) =>
            [.. deliveries.Select(one => ((FaultyDelivery)one).Inner)];
    }

    private sealed class FaultyDelivery(Delivery sound, Message message, string? problem)
        : Delivery(message, problem ?? sound.Problem)
    {
        public Delivery Inner { get; } = sound;
    }
}
