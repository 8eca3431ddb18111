namespace Millrace.Messaging.Tests;

/// <summary>
/// A transport whose confirms come late, and which goes away or forgets to confirm now and then. Sees whether keys are
/// under way twice.
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

    /// <summary>How many calls were under way at the same time.</summary>
    public int MaxConcurrentCalls { get; private set; }

    public string System => "late";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => _inner.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        _inner.Declare(topology, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var (turns, isAway, forgotten) = StartCall(messages);
        try
        {
            for (var i = 0; i < turns; i++)
                await Task.Yield();
            if (isAway)
                throw new TransportUnavailableException(System, "it went away.");
            var outcomes = await _inner.Publish(messages, cancellationToken);
            return
            [
                .. outcomes.Select(
                    (outcome, i) => i == forgotten ? PublishOutcome.Unconfirmed("it was forgotten.") : outcome),
            ];
        }
        finally
        {
            End(messages);
        }
    }

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        _inner.Receive(subscription, cancellationToken);

    public ValueTask Check(CancellationToken cancellationToken) => _inner.Check(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private (int Turns, bool IsAway, int Forgotten) StartCall(IReadOnlyList<OutgoingMessage> messages)
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
            var forgotten = _random.Next(6) == 0 ? _random.Next(messages.Count) : -1;
            return (_random.Next(30), _random.Next(8) == 0, forgotten);
        }
    }

    private void End(IReadOnlyList<OutgoingMessage> messages)
    {
        lock (_lock)
        {
            _calls--;
            foreach (var outgoing in messages)
                _inFlight[outgoing.Message.Key]--;
        }
    }
}
