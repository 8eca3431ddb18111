namespace Millrace.Messaging;

/// <summary>A transport that uses an <see cref="InMemoryBroker"/> instead of an external broker.</summary>
/// <param name="broker">The broker.</param>
/// <param name="maxBodyBytes">The maximum size of a message's body in bytes, from 1.</param>
public sealed class InMemoryTransport(InMemoryBroker broker, long maxBodyBytes = 16 * 1024 * 1024) : ITransport
{
    /// <summary>The transport's name.</summary>
    public const string Name = "memory";

    /// <inheritdoc/>
    public string System => Name;

    /// <inheritdoc/>
    public bool StopsAtFailure => false;

    /// <inheritdoc/>
    public long MaxBodyBytes => maxBodyBytes;

    /// <inheritdoc/>
    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topology);
        broker.Declare(topology);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        return new(broker.Publish(messages, maxBodyBytes));
    }

    /// <inheritdoc/>
    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return new(broker.Receive(subscription));
    }

    /// <inheritdoc/>
    public ValueTask Check(CancellationToken cancellationToken)
    {
        broker.Check();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
