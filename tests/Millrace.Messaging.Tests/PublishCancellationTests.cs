using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>
/// Tests that a cancelled wait for a confirm does not affect other callers of the shared connection.
/// </summary>
public sealed class PublishCancellationTests
{
    private readonly InMemoryBroker _broker = new();

    [Fact]
    public async Task A_cancelled_publish_does_not_break_the_connection_of_other_callers()
    {
        var transport = new SharedConnectionTransport(_broker);
        await using var node = await Start(transport, TimeSpan.FromMinutes(1));
        using var cancellation = new CancellationTokenSource();
        var cancelled = node.Transports.Publish("memory", "audit", MessageOf("1"), cancellation.Token).AsTask();
        var waiting = node.Transports.Publish("memory", "audit", MessageOf("2")).AsTask();
        await Eventually.Until(() => transport.Calls == 2);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        transport.Confirm();

        await waiting;
        Assert.False(transport.IsBroken);
    }

    [Fact]
    public async Task A_missing_confirm_times_out_although_the_caller_would_wait_longer()
    {
        var transport = new SharedConnectionTransport(_broker);
        await using var node = await Start(transport, TimeSpan.FromMilliseconds(200));
        using var longTimeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        await Assert.ThrowsAsync<TransportUnavailableException>(
            async () => await node.Transports.Publish("memory", "audit", MessageOf("1"), longTimeout.Token));

        Assert.True(transport.IsBroken);
    }

    [Fact]
    public async Task A_message_is_not_published_with_a_cancelled_token()
    {
        var transport = new SharedConnectionTransport(_broker);
        await using var node = await Start(transport, TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await node.Transports.Publish("memory", "audit", MessageOf("1"), new CancellationToken(canceled: true)));

        Assert.Equal(0, transport.Calls);
    }

    private static Message MessageOf(string id) => new() { Id = id, Type = "stock.asked", Body = "{}"u8.ToArray() };

    private static Task<Node> Start(ITransport transport, TimeSpan confirmTimeout) =>
        Node.Start(millrace =>
            millrace.UseTransport(
                InMemoryTransport.Name,
                _ => transport,
                builder =>
                    builder
                        .PublishAll("orders")
                        .Configure(options =>
                            (options.ConfirmTimeout, options.AllowsUnroutable) = (confirmTimeout, true))));

    /// <summary>
    /// A transport with one connection for all callers. A cancelled call breaks the connection, as with real brokers.
    /// </summary>
    private sealed class SharedConnectionTransport(InMemoryBroker broker) : ITransport
    {
        private readonly InMemoryTransport _inner = new(broker);
        private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool IsBroken => _confirmed.Task.IsFaulted;

        public string System => "shared";

        public bool StopsAtFailure => false;

        public long MaxBodyBytes => _inner.MaxBodyBytes;

        public void Confirm() => _confirmed.TrySetResult();

        public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
            _inner.Declare(topology, cancellationToken);

        public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
            IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            try
            {
                await _confirmed.Task.WaitAsync(cancellationToken);
                return await _inner.Publish(messages, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                _confirmed.TrySetException(
                    new TransportUnavailableException(System, "a confirm did not arrive in time."));
                throw;
            }
        }

        public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
            _inner.Receive(subscription, cancellationToken);

        public ValueTask Check(CancellationToken cancellationToken) => _inner.Check(cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
