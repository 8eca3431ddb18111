namespace Millrace.Messaging;

/// <summary>What a subscription has to be handed over, in order. Everything happens under the broker's lock.</summary>
internal sealed class InMemoryQueue(Lock brokerLock)
{
    private readonly SortedDictionary<long, InMemoryDelivery> _waiting = [];
    private readonly Dictionary<string, (InMemoryReceiver Holder, int Count)> _keysInFlight = new(
        StringComparer.Ordinal);
    private readonly List<InMemoryReceiver> _receivers = [];
    private readonly List<Subscription> _bound = [];
    private long _last;

    /// <summary>What waits and what is in hand.</summary>
    public int Count => _waiting.Count + _keysInFlight.Values.Sum(static one => one.Count);

    /// <summary>Notes what a subscription asks for; of the same destination the newest word counts.</summary>
    public void Bind(Subscription subscription)
    {
        _bound.RemoveAll(one => one.Destination == subscription.Destination);
        _bound.Add(subscription);
    }

    public bool TryAdd(OutgoingMessage outgoing)
    {
        foreach (var subscription in _bound)
        {
            if (subscription.Destination != outgoing.Destination || !subscription.Takes(outgoing.Message.Type))
                continue;
            var number = ++_last;
            _waiting.Add(number, new InMemoryDelivery(number, outgoing.Message, isAgain: false));
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

    /// <summary>Hands over what waits, but nothing of a key of which another receiver has something in hand.</summary>
    public void Take(InMemoryReceiver receiver, int most, List<Delivery> taken)
    {
        foreach (var delivery in _waiting.Values)
        {
            if (taken.Count == most)
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

    /// <summary>A delivery is not in hand any more.</summary>
    public void Settle(InMemoryDelivery delivery, bool isHandled)
    {
        var (holder, count) = _keysInFlight[delivery.Message.Key];
        if (count == 1)
            _keysInFlight.Remove(delivery.Message.Key);
        else
            _keysInFlight[delivery.Message.Key] = (holder, count - 1);
        if (!isHandled)
            _waiting.Add(delivery.Number, new InMemoryDelivery(delivery.Number, delivery.Message, isAgain: true));
    }

    public void Close(InMemoryReceiver receiver) => _receivers.Remove(receiver);

    public void BreakAll()
    {
        foreach (var receiver in _receivers.ToArray())
            receiver.Break();
    }

    /// <summary>Has all receivers look again.</summary>
    public void Wake()
    {
        foreach (var receiver in _receivers)
            receiver.Wake();
    }
}
