namespace Millrace.RabbitMq.Tests;

/// <summary>
/// A transport that declares queues and waits until they are on the disk of the broker, so that a test can kill it.
/// </summary>
internal sealed class DurableQueueTransport(ITransport inner, RabbitMqServer server) : ITransport
{
    public string System => inner.System;

    public bool StopsAtFailure => inner.StopsAtFailure;

    public long MaxBodyBytes => inner.MaxBodyBytes;

    public async ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken)
    {
        await inner.Declare(topology, cancellationToken);
        await server.WaitUntilQueuesAreStored();
    }

    public ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken) => inner.Publish(messages, cancellationToken);

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        inner.Receive(subscription, cancellationToken);

    public ValueTask Check(CancellationToken cancellationToken) => inner.Check(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
