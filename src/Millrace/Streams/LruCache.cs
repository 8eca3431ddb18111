using System.Diagnostics.CodeAnalysis;

namespace Millrace.Streams;

/// <summary>
/// A cache of values by key with a limited number of values. If the cache is full, a new value replaces the least
/// recently used value.
/// </summary>
/// <remarks>Not thread-safe. The caller must hold a lock.</remarks>
/// <param name="capacity">The maximum number of values; 0 for a cache without values.</param>
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

    /// <summary>Returns the value of a key and marks it as used; null if the cache does not contain the key.</summary>
    public TValue? Find(TKey key)
    {
        if (!_index.TryGetValue(key, out var slot))
            return null;
        var value = _slots[slot].Value;
        Unlink(slot);
        Link(slot);
        return value;
    }

    /// <summary>Removes the value of a key and returns it; null if the cache does not contain the key.</summary>
    public TValue? Take(TKey key)
    {
        if (!_index.Remove(key, out var slot))
            return null;
        var value = _slots[slot].Value;
        Unlink(slot);
        Free(slot);
        return value;
    }

    /// <summary>Sets the value of a key and marks it as used.</summary>
    public void Put(TKey key, TValue value)
    {
        if (capacity == 0)
            return;
        if (_index.TryGetValue(key, out var slot))
        {
            Unlink(slot);
        }
        else
        {
            if (_index.Count == capacity)
                Take(_slots[_oldest].Key!);
            slot = Rent();
            _index.Add(key, slot);
        }
        _slots[slot].Key = key;
        _slots[slot].Value = value;
        Link(slot);
    }

    private int Rent()
    {
        if (_free == None)
            Grow();
        var slot = _free;
        _free = _slots[slot].Older;
        return slot;
    }

    private void Grow()
    {
        var size = _slots.Length;
        Array.Resize(ref _slots, Math.Min(capacity, Math.Max(16, size * 2)));
        for (var i = _slots.Length - 1; i >= size; i--)
            Free(i);
    }

    private void Free(int slot)
    {
        _slots[slot] = new Slot { Older = _free };
        _free = slot;
    }

    /// <summary>Adds a slot to the order as the most recently used slot.</summary>
    private void Link(int slot)
    {
        _slots[slot].Older = _newest;
        _slots[slot].Newer = None;
        if (_newest != None)
            _slots[_newest].Newer = slot;
        else
            _oldest = slot;
        _newest = slot;
    }

    /// <summary>Removes a slot from the order.</summary>
    private void Unlink(int slot)
    {
        var older = _slots[slot].Older;
        var newer = _slots[slot].Newer;
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
