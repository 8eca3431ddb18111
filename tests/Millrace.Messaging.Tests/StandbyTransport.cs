namespace Millrace.Messaging.Tests;

/// <summary>A transport in memory whose receivers wait for their turn before they receive any message.</summary>
internal sealed class StandbyTransport(InMemoryBroker broker) : ITransport
{
    private readonly InMemoryTransport _inner = new(broker);
    private readonly TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that completes when a receiver waits for its turn.</summary>
    public Task Waits => _waits.Task;

    public string System => "standby";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => _inner.MaxBodyBytes;

    /// <summary>Lets the waiting receiver start.</summary>
    public void TakeOver() => _turn.SetResult();

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        _inner.Declare(topology, cancellationToken);

    public ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken) => _inner.Publish(messages, cancellationToken);

    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        new StandbyReceiver(this, await _inner.Receive(subscription, cancellationToken));

    public ValueTask Check(CancellationToken cancellationToken) => _inner.Check(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class StandbyReceiver(StandbyTransport standby, IReceiver inner) : IReceiver
    {
        public async ValueTask<IReadOnlyList<Delivery>> Take(int max, CancellationToken cancellationToken)
        {
            standby._waits.TrySetResult();
            await standby._turn.Task.WaitAsync(cancellationToken);
            return await inner.Take(max, cancellationToken);
        }

        public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            inner.Acknowledge(deliveries, cancellationToken);

        public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
            inner.Return(deliveries, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
