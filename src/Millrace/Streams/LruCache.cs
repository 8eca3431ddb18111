using System.Diagnostics.CodeAnalysis;

namespace Millrace;

/// <summary>A bounded set of values by key. A value that finds it full replaces the one that was unused for
/// longest.</summary>
/// <remarks>Not thread-safe: the caller locks.</remarks>
/// <param name="capacity">The maximum number of values; 0 keeps none.</param>
internal sealed class LruCache<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private const int None = -1;

    private readonly Dictionary<TKey, int> _index = [];
    private Slot[] _slots = [];
    private int _newest = None;
    private int _oldest = None;
    private int _free = None;

    /// <summary>Gets the number of values.</summary>
    public int Count => _index.Count;

    /// <summary>Returns the value of a key and marks it as used; null when there is none.</summary>
    public TValue? Find(TKey key)
    {
        if (!_index.TryGetValue(key, out var place))
            return null;
        var value = _slots[place].Value;
        Unlink(place);
        Link(place);
        return value;
    }

    /// <summary>Removes the value of a key and returns it; null when there is none.</summary>
    public TValue? Take(TKey key)
    {
        if (!_index.Remove(key, out var place))
            return null;
        var value = _slots[place].Value;
        Unlink(place);
        Free(place);
        return value;
    }

    /// <summary>Sets the value of a key and marks it as used.</summary>
    public void Put(TKey key, TValue value)
    {
        if (capacity == 0)
            return;
        if (_index.TryGetValue(key, out var place))
        {
            Unlink(place);
        }
        else
        {
            if (_index.Count == capacity)
                Take(_slots[_oldest].Key!);
            place = Rent();
            _index.Add(key, place);
        }
        (_slots[place].Key, _slots[place].Value) = (key, value);
        Link(place);
    }

    private int Rent()
    {
        if (_free == None)
            Grow();
        var place = _free;
        _free = _slots[place].Older;
        return place;
    }

    private void Grow()
    {
        var size = _slots.Length;
        Array.Resize(ref _slots, Math.Min(capacity, Math.Max(16, size * 2)));
        for (var i = _slots.Length - 1; i >= size; i--)
            Free(i);
    }

    private void Free(int place)
    {
        _slots[place] = new Slot { Older = _free };
        _free = place;
    }

    /// <summary>Makes a slot the newest.</summary>
    private void Link(int place)
    {
        (_slots[place].Older, _slots[place].Newer) = (_newest, None);
        if (_newest != None)
            _slots[_newest].Newer = place;
        else
            _oldest = place;
        _newest = place;
    }

    /// <summary>Removes a slot from the order.</summary>
    private void Unlink(int place)
    {
        var (older, newer) = (_slots[place].Older, _slots[place].Newer);
        if (newer != None)
            _slots[newer].Older = older;
        else
            _newest = older;
        if (older != None)
            _slots[older].Newer = newer;
        else
            _oldest = newer;
    }

    private struct Slot
    {
        [MaybeNull]
        public TKey Key;
        public TValue? Value;
        public int Older;
        public int Newer;
    }
}
