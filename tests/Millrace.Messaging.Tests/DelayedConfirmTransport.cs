namespace Millrace.Messaging.Tests;

/// <summary>
/// A transport that confirms late, and that is sometimes unavailable or omits a confirm. The transport counts how
/// many messages of one key are in flight at the same time.
/// </summary>
internal sealed class DelayedConfirmTransport(InMemoryBroker broker, int seed) : ITransport
{
    private readonly InMemoryTransport _inner = new(broker);
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _calls;

    public int MaxInFlightPerKey { get; private set; }

    public int MaxInFlight { get; private set; }

    /// <summary>Gets the maximum number of concurrent publish calls.</summary>
    public int MaxConcurrentCalls { get; private set; }

    public string System => "late";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => _inner.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        _inner.Declare(topology, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var (yields, isUnavailable, unconfirmed) = StartCall(messages);
        try
        {
            for (var i = 0; i < yields; i++)
                await Task.Yield();
            if (isUnavailable)
                throw new TransportUnavailableException(System, "the test stopped it.");
            var outcomes = await _inner.Publish(messages, cancellationToken);
            return
            [
                .. outcomes.Select(
                    (outcome, i) => i == unconfirmed ? PublishOutcome.Unconfirmed("the confirm was lost.") : outcome),
            ];
        }
        finally
        {
            EndCall(messages);
        }
    }

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        _inner.Receive(subscription, cancellationToken);

    public ValueTask Check(CancellationToken cancellationToken) => _inner.Check(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private (int Yields, bool IsUnavailable, int Unconfirmed) StartCall(IReadOnlyList<OutgoingMessage> messages)
    {
        lock (_lock)
        {
            MaxConcurrentCalls = Math.Max(MaxConcurrentCalls, ++_calls);
            foreach (var outgoing in messages)
            {
                var count = _inFlight[outgoing.Message.Key] = _inFlight.GetValueOrDefault(outgoing.Message.Key) + 1;
                MaxInFlightPerKey = Math.Max(MaxInFlightPerKey, count);
            }
            MaxInFlight = Math.Max(MaxInFlight, _inFlight.Values.Sum());
            var unconfirmed = _random.Next(6) == 0 ? _random.Next(messages.Count) : -1;
            return (_random.Next(30), _random.Next(8) == 0, unconfirmed);
        }
    }

    private void EndCall(IReadOnlyList<OutgoingMessage> messages)
    {
        lock (_lock)
        {
            _calls--;
            foreach (var outgoing in messages)
                _inFlight[outgoing.Message.Key]--;
        }
    }
}
