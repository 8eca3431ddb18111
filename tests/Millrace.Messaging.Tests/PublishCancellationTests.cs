using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the shared connection to the broker: a cancelled wait for a confirm does not affect other
/// callers.</summary>
public sealed class PublishCancellationTests
{
    private readonly InMemoryBroker _broker = new();

    [Fact]
    public async Task Who_gives_up_leaves_the_line_to_those_who_wait()
    {
        var line = new SharedConnectionTransport(_broker);
        await using var node = await Start(line, TimeSpan.FromMinutes(1));
        using var impatient = new CancellationTokenSource();
        var given = node.Transports.Publish("memory", "audit", MessageOf("1"), impatient.Token).AsTask();
        var waiting = node.Transports.Publish("memory", "audit", MessageOf("2")).AsTask();
        await Eventually.Holds(() => line.Calls == 2);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        line.Confirm();

        await waiting;
        Assert.False(line.IsBroken);
    }

    [Fact]
    public async Task A_broker_that_does_not_confirm_in_time_is_given_up_also_for_who_has_more_patience()
    {
        var line = new SharedConnectionTransport(_broker);
        await using var node = await Start(line, TimeSpan.FromMilliseconds(200));
        using var patient = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        await Assert.ThrowsAsync<TransportUnavailableException>(
            async () => await node.Transports.Publish("memory", "audit", MessageOf("1"), patient.Token));

        Assert.True(line.IsBroken);
    }

    [Fact]
    public async Task What_was_given_up_before_it_started_is_not_published()
    {
        var line = new SharedConnectionTransport(_broker);
        await using var node = await Start(line, TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await node.Transports.Publish("memory", "audit", MessageOf("1"), new CancellationToken(canceled: true)));

        Assert.Equal(0, line.Calls);
    }

    private static Message MessageOf(string id) => new() { Id = id, Type = "stock.asked", Body = "{}"u8.ToArray() };

    private static Task<Node> Start(ITransport line, TimeSpan confirmTimeout) =>
        Node.Start(millrace =>
            millrace.UseTransport(
                InMemoryTransport.Name,
                _ => line,
                transport =>
                    transport
                        .PublishAll("orders")
                        .Configure(options =>
                            (options.ConfirmTimeout, options.AllowsUnroutable) = (confirmTimeout, true))));

    /// <summary>A transport with one line for all, which breaks when a call is cancelled, as those of brokers
    /// do.</summary>
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
                    new TransportUnavailableException(System, "a confirm did not come in time."));
                throw;
            }
        }

        public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
            _inner.Receive(subscription, cancellationToken);

        public ValueTask Check(CancellationToken cancellationToken) => _inner.Check(cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
