namespace Millrace.Messaging.InMemory;

/// <summary>The messages of a subscription, in order. Callers must hold the broker's lock.</summary>
internal sealed class InMemoryQueue(Lock brokerLock)
{
    private readonly SortedDictionary<long, InMemoryDelivery> _waiting = [];
    private readonly Dictionary<string, (InMemoryReceiver Holder, int Count)> _keysInFlight = new(
        StringComparer.Ordinal);
    private readonly List<InMemoryReceiver> _receivers = [];
    private readonly List<Subscription> _subscriptions = [];
    private long _lastNumber;

    /// <summary>Gets the number of messages that wait or are in flight.</summary>
    public int Count => _waiting.Count + _keysInFlight.Values.Sum(static one => one.Count);

    /// <summary>
    /// Adds the destination and types that a subscription receives. Replaces an earlier call for the same destination.
    /// </summary>
    public void Bind(Subscription subscription)
    {
        _subscriptions.RemoveAll(one => one.Destination == subscription.Destination);
        _subscriptions.Add(subscription);
    }

    public bool TryAdd(OutgoingMessage outgoing)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Destination != outgoing.Destination || !subscription.Includes(outgoing.Message.Type))
                continue;
            var number = ++_lastNumber;
            _waiting.Add(number, new InMemoryDelivery(number, outgoing.Message, isRedelivered: false));
            Wake();
            return true;
        }
        return false;
    }

    public InMemoryReceiver Open(int prefetch)
    {
        var receiver = new InMemoryReceiver(this, brokerLock, prefetch);
        _receivers.Add(receiver);
        return receiver;
    }

    /// <summary>Delivers waiting messages, except messages of keys that another receiver has in flight.</summary>
    public void Take(InMemoryReceiver receiver, int maxCount, List<Delivery> taken)
    {
        foreach (var delivery in _waiting.Values)
        {
            if (taken.Count == maxCount)
                break;
            var (holder, count) = _keysInFlight.GetValueOrDefault(delivery.Message.Key);
            if (holder is not null && holder != receiver)
                continue;
            _keysInFlight[delivery.Message.Key] = (receiver, count + 1);
            taken.Add(delivery);
        }
        foreach (var delivery in taken)
            _waiting.Remove(((InMemoryDelivery)delivery).Number);
    }

    /// <summary>
    /// Removes a delivery from the deliveries in flight. A delivery that was not handled waits again.
    /// </summary>
    public void Settle(InMemoryDelivery delivery, bool isHandled)
    {
        var (holder, count) = _keysInFlight[delivery.Message.Key];
        if (count == 1)
            _keysInFlight.Remove(delivery.Message.Key);
        else
            _keysInFlight[delivery.Message.Key] = (holder, count - 1);
        if (!isHandled)
            _waiting.Add(delivery.Number, new InMemoryDelivery(delivery.Number, delivery.Message, isRedelivered: true));
    }

    public void Close(InMemoryReceiver receiver) => _receivers.Remove(receiver);

    public void BreakAll()
    {
        foreach (var receiver in _receivers.ToArray())
            receiver.Break();
    }

    /// <summary>Wakes all receivers.</summary>
    public void Wake()
    {
        foreach (var receiver in _receivers)
            receiver.Wake();
    }
}
