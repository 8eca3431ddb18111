namespace Millrace.Messaging;

/// <summary>A broker in the memory of a process. Safe for use by many callers.</summary>
/// <remarks>
/// It keeps what is published for each subscription until it is acknowledged there. What nobody has subscribed to is
/// unroutable. It can go away and come back, as brokers do: what it had stays.
/// </remarks>
public sealed class InMemoryBroker
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private bool _isAway;

    /// <summary>Whether it answers; it does from the beginning.</summary>
    public bool IsAway
    {
        get
        {
            lock (_lock)
                return _isAway;
        }
    }

    /// <summary>Has it not answer any more; every line to it breaks.</summary>
    public void GoAway()
    {
        lock (_lock)
        {
            _isAway = true;
            foreach (var queue in _queues.Values)
                queue.BreakAll();
        }
    }

    /// <summary>Has it answer again.</summary>
    public void ComeBack()
    {
        lock (_lock)
            _isAway = false;
    }

    /// <summary>How many messages of a subscription are not acknowledged; 0 when nobody declared it.</summary>
    public int Waiting(string subscription)
    {
        lock (_lock)
            return _queues.TryGetValue(subscription, out var queue) ? queue.Count : 0;
    }

    internal void Declare(TransportTopology topology)
    {
        lock (_lock)
        {
            RequirePresence();
            foreach (var subscription in topology.Subscriptions)
            {
                if (!_queues.TryGetValue(subscription.Name, out var queue))
                    _queues[subscription.Name] = queue = new InMemoryQueue(_lock);
                queue.Bind(subscription);
            }
        }
    }

    internal IReadOnlyList<PublishOutcome> Publish(IReadOnlyList<OutgoingMessage> messages, long maxBodyBytes)
    {
        var outcomes = new PublishOutcome[messages.Count];
        lock (_lock)
        {
            RequirePresence();
            for (var i = 0; i < outcomes.Length; i++)
                outcomes[i] = Publish(messages[i], maxBodyBytes);
        }
        return outcomes;
    }

    internal InMemoryReceiver Receive(Subscription subscription)
    {
        lock (_lock)
        {
            RequirePresence();
            return _queues.TryGetValue(subscription.Name, out var queue)
                ? queue.Open(subscription.Prefetch)
                : throw new TransportRefusedException(
                    InMemoryTransport.Name, $"there is no subscription '{subscription.Name}': declare it.");
        }
    }

    internal void Check()
    {
        lock (_lock)
            RequirePresence();
    }

    private PublishOutcome Publish(OutgoingMessage outgoing, long maxBodyBytes)
    {
        if (outgoing.Message.Body.Length > maxBodyBytes)
            return PublishOutcome.Refused(
                $"its body has {outgoing.Message.Body.Length:N0} bytes, and {maxBodyBytes:N0} are the most.");
        var isTaken = false;
        foreach (var queue in _queues.Values)
            isTaken |= queue.TryAdd(outgoing);
        return isTaken
            ? PublishOutcome.Confirmed
            : PublishOutcome.Unroutable($"no subscription to '{outgoing.Destination}' takes it.");
    }

    private void RequirePresence()
    {
        if (_isAway)
            throw new TransportUnavailableException(InMemoryTransport.Name, "it is away.");
    }
}
