using Millrace.Messaging;

namespace Millrace.Shared.Transports;

/// <summary>
/// Deliveries that wait for a receiver, in the order of their keys. Nearly all are added in order. A returned delivery
/// is inserted by its key.
/// </summary>
internal sealed class DeliveryQueue<TKey, TDelivery>
    where TKey : struct, IComparable<TKey>
    where TDelivery : Delivery
{
    private const int CompactThreshold = 256;

    private readonly List<(TKey Key, TDelivery? Delivery)> _deliveries = [];
    private int _first; // Earlier deliveries were taken.

    public int Count => _deliveries.Count - _first;

    /// <summary>
    /// Adds a delivery in the order of the keys. Returns false if the queue already contains the key.
    /// </summary>
    public bool TryAdd(TKey key, TDelivery delivery)
    {
        if (Count == 0 || _deliveries[^1].Key.CompareTo(key) < 0)
        {
            _deliveries.Add((key, delivery));
            return true;
        }
        var index = LowerBound(key);
        if (_deliveries[index].Key.CompareTo(key) == 0)
            return false;
        _deliveries.Insert(index, (key, delivery));
        return true;
    }

    /// <summary>Removes the first deliveries from the queue and returns them.</summary>
    public List<Delivery> Take(int maxCount)
    {
        var count = Math.Clamp(maxCount, 0, Count);
        var taken = new List<Delivery>(count);
        for (; count > 0; count--, _first++)
        {
            taken.Add(_deliveries[_first].Delivery!); // The delivery is still in the queue.
            _deliveries[_first] = default;
        }
        if (_first == _deliveries.Count || _first > Math.Max(CompactThreshold, Count))
            CompactTaken();
        return taken;
    }

    /// <summary>Removes deliveries and returns their number.</summary>
    public int RemoveAll(Predicate<TDelivery> isRemoved)
    {
        CompactTaken();
        return _deliveries.RemoveAll(entry => isRemoved(entry.Delivery!)); // All remaining deliveries are in the queue.
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
    private int LowerBound(TKey key)
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
