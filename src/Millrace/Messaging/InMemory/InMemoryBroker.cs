using Millrace.Messaging.InMemory;

namespace Millrace.Messaging;

/// <summary>A broker in the memory of a process. Thread-safe.</summary>
/// <remarks>
/// The broker keeps published messages for each subscription until they are acknowledged. Messages without a
/// subscription are unroutable. A test can make the broker unavailable and available again. The broker then still has
/// its messages.
/// </remarks>
public sealed class InMemoryBroker
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private bool _isUnavailable;

    /// <summary>Gets whether the broker is unavailable. False at first.</summary>
    public bool IsUnavailable
    {
        get
        {
            lock (_lock)
                return _isUnavailable;
        }
    }

    /// <summary>Makes the broker unavailable, and breaks every connection to it.</summary>
    public void MakeUnavailable()
    {
        lock (_lock)
        {
            _isUnavailable = true;
            foreach (var queue in _queues.Values)
                queue.BreakAll();
        }
    }

    /// <summary>Makes the broker available again.</summary>
    public void MakeAvailable()
    {
        lock (_lock)
            _isUnavailable = false;
    }

    /// <summary>
    /// Returns the number of unacknowledged messages of a subscription, or 0 for an unknown subscription.
    /// </summary>
    public int Waiting(string subscription)
    {
        lock (_lock)
            return _queues.TryGetValue(subscription, out var queue) ? queue.Count : 0;
    }

    internal void Declare(TransportTopology topology)
    {
        lock (_lock)
        {
            RequireAvailable();
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
            RequireAvailable();
            for (var i = 0; i < outcomes.Length; i++)
                outcomes[i] = Publish(messages[i], maxBodyBytes);
        }
        return outcomes;
    }

    internal InMemoryReceiver Receive(Subscription subscription)
    {
        lock (_lock)
        {
            RequireAvailable();
            return _queues.TryGetValue(subscription.Name, out var queue)
                ? queue.Open(subscription.Prefetch)
                : throw new TransportRefusedException(
                    InMemoryTransport.Name, $"the subscription '{subscription.Name}' does not exist: declare it.");
        }
    }

    internal void Check()
    {
        lock (_lock)
            RequireAvailable();
    }

    private PublishOutcome Publish(OutgoingMessage outgoing, long maxBodyBytes)
    {
        if (outgoing.Message.Body.Length > maxBodyBytes)
            return PublishOutcome.Refused(
                $"its body has {outgoing.Message.Body.Length:N0} bytes, and at most {maxBodyBytes:N0} are allowed.");
        var isAccepted = false;
        foreach (var queue in _queues.Values)
            isAccepted |= queue.TryAdd(outgoing);
        return isAccepted
            ? PublishOutcome.Confirmed
            : PublishOutcome.Unroutable($"no subscription to '{outgoing.Destination}' accepts it.");
    }

    private void RequireAvailable()
    {
        if (_isUnavailable)
            throw new TransportUnavailableException(InMemoryTransport.Name, "it is unavailable.");
    }
}
