using Millrace.Messaging;

namespace Millrace.Adapters;

/// <summary>
/// Deliveries that wait to be taken, in the order of their keys. Nearly all come in that order; one that comes again is
/// put into its place.
/// </summary>
internal sealed class DeliveryQueue<TKey, TDelivery>
    where TKey : struct, IComparable<TKey>
    where TDelivery : Delivery
{
    private const int CompactThreshold = 256;

    private readonly List<(TKey Key, TDelivery? Delivery)> _deliveries = [];
    private int _first; // Those before were taken.

    public int Count => _deliveries.Count - _first;

    /// <summary>Adds a delivery in its place. False when one waits there.</summary>
    public bool TryAdd(TKey key, TDelivery delivery)
    {
        if (Count == 0 || _deliveries[^1].Key.CompareTo(key) < 0)
        {
            _deliveries.Add((key, delivery));
            return true;
        }
        var place = PlaceOf(key);
        if (_deliveries[place].Key.CompareTo(key) == 0)
            return false;
        _deliveries.Insert(place, (key, delivery));
        return true;
    }

    /// <summary>Takes the first ones.</summary>
    public List<Delivery> Take(int most)
    {
        var count = Math.Clamp(most, 0, Count);
        var taken = new List<Delivery>(count);
        for (; count > 0; count--, _first++)
        {
            taken.Add(_deliveries[_first].Delivery!); // Not taken yet.
            _deliveries[_first] = default;
        }
        if (_first == _deliveries.Count || _first > Math.Max(CompactThreshold, Count))
            CompactTaken();
        return taken;
    }

    /// <summary>Removes deliveries; returns how many there were.</summary>
    public int RemoveAll(Predicate<TDelivery> isToGo)
    {
        CompactTaken();
        return _deliveries.RemoveAll(one => isToGo(one.Delivery!)); // None is taken.
    }

    public void AddKeysTo(List<TKey> keys)
    {
        for (var i = _first; i < _deliveries.Count; i++)
            keys.Add(_deliveries[i].Key);
    }

    public void Clear()
    {
        _deliveries.Clear();
        _first = 0;
    }

    private void CompactTaken()
    {
        _deliveries.RemoveRange(0, _first);
        _first = 0;
    }

    /// <summary>Where the first stands that does not come before a key. The last one does not.</summary>
    private int PlaceOf(TKey key)
    {
        var (low, high) = (_first, _deliveries.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_deliveries[middle].Key.CompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
