namespace Millrace.Redis.Tests;

/// <summary>A Redis transport whose receivers all keep their retries in Redis.</summary>
internal sealed class RetryingTransport(RedisTransport inner) : ITransport
{
    public string System => inner.System;

    public bool StopsAtFailure => inner.StopsAtFailure;

    public long MaxBodyBytes => inner.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        inner.Declare(topology, cancellationToken);

    public ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken) => inner.Publish(messages, cancellationToken);

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        inner.Receive(subscription with { Retries = new RetryLimits(1_000, 10_000) }, cancellationToken);

    public ValueTask Check(CancellationToken cancellationToken) => inner.Check(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
