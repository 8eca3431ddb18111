using Millrace.Messaging;

namespace Millrace.Adapters;

/// <summary>
/// Deliveries that wait to be taken, in the order of their keys. Nearly all are added in order; a returned one is
/// inserted at its place.
/// </summary>
internal sealed class DeliveryQueue<TKey, TDelivery>
    where TKey : struct, IComparable<TKey>
    where TDelivery : Delivery
{
    private const int CompactThreshold = 256;

    private readonly List<(TKey Key, TDelivery? Delivery)> _deliveries = [];
    private int _first; // Earlier ones were taken.

    public int Count => _deliveries.Count - _first;

    /// <summary>Adds a delivery at its place. Returns false if its key is already there.</summary>
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

    /// <summary>Takes the first deliveries.</summary>
    public List<Delivery> Take(int maxCount)
    {
        var count = Math.Clamp(maxCount, 0, Count);
        var taken = new List<Delivery>(count);
        for (; count > 0; count--, _first++)
        {
            taken.Add(_deliveries[_first].Delivery!); // It was not taken yet.
            _deliveries[_first] = default;
        }
        if (_first == _deliveries.Count || _first > Math.Max(CompactThreshold, Count))
            CompactTaken();
        return taken;
    }

    /// <summary>Removes deliveries, and returns their number.</summary>
    public int RemoveAll(Predicate<TDelivery> isToGo)
    {
        CompactTaken();
        return _deliveries.RemoveAll(one => isToGo(one.Delivery!)); // None of them was taken.
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

    /// <summary>Returns the index of the first delivery whose key is not less than a key.</summary>
    private int PlaceOf(TKey key)
    {
        var low = _first;
        var high = _deliveries.Count - 1;
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
