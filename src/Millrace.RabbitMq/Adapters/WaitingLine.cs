using Millrace.Messaging;

namespace Millrace.Adapters;

/// <summary>
/// Deliveries that wait to be taken, in the order of their keys. Nearly all come in that order; one that comes again is put into its place.
/// </summary>
internal sealed class WaitingLine<TKey, TDelivery>
    where TKey : struct, IComparable<TKey>
    where TDelivery : Delivery
{
    private const int MostTaken = 256;

    private readonly List<(TKey Key, TDelivery? Delivery)> _line = [];
    private int _first; // Those before were taken.

    public int Count => _line.Count - _first;

    /// <summary>Adds a delivery in its place. False when one waits there.</summary>
    public bool TryAdd(TKey key, TDelivery delivery)
    {
        if (Count == 0 || _line[^1].Key.CompareTo(key) < 0)
        {
            _line.Add((key, delivery));
            return true;
        }
        var place = PlaceOf(key);
        if (_line[place].Key.CompareTo(key) == 0)
            return false;
        _line.Insert(place, (key, delivery));
        return true;
    }

    /// <summary>Takes the first ones.</summary>
    public List<Delivery> Take(int most)
    {
        var count = Math.Clamp(most, 0, Count);
        var taken = new List<Delivery>(count);
        for (; count > 0; count--, _first++)
        {
            taken.Add(_line[_first].Delivery!); // Not taken yet.
            _line[_first] = default;
        }
        if (_first == _line.Count || _first > Math.Max(MostTaken, Count))
            ForgetTaken();
        return taken;
    }

    /// <summary>Removes deliveries; returns how many there were.</summary>
    public int RemoveAll(Predicate<TDelivery> isToGo)
    {
        ForgetTaken();
        return _line.RemoveAll(one => isToGo(one.Delivery!)); // None is taken.
    }

    public void AddKeysTo(List<TKey> keys)
    {
        for (var i = _first; i < _line.Count; i++)
            keys.Add(_line[i].Key);
    }

    public void Clear()
    {
        _line.Clear();
        _first = 0;
    }

    private void ForgetTaken()
    {
        _line.RemoveRange(0, _first);
        _first = 0;
    }

    /// <summary>Where the first stands that does not come before a key. The last one does not.</summary>
    private int PlaceOf(TKey key)
    {
        var (low, high) = (_first, _line.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_line[middle].Key.CompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
