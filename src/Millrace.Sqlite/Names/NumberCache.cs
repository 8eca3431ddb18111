namespace Millrace.Sqlite.Names;

/// <summary>A bounded cache from numbers of the store to values. Thread-safe.</summary>
/// <remarks>
/// The lowest bits of a number select its slot, and numbers with the same slot replace each other. Memory is therefore
/// bounded without counting or clearing, and a lookup takes no lock. The value of a number never changes, so that a
/// missing entry costs only a read.
/// </remarks>
internal sealed class NumberCache<T>(int maxSlots)
{
    private const int FirstSlots = 256;

    private readonly Lock _growth = new();
    private volatile Entry?[] _slots = new Entry?[FirstSlots];

    /// <summary>Looks up the value of a number.</summary>
    public bool TryGet(long number, out T value)
    {
        var slots = _slots;
        var entry = slots[number & (slots.Length - 1)];
        if (entry is null || entry.Number != number)
        {
            value = default!; // Not used when the result is false.
            return false;
        }
        value = entry.Value;
        return true;
    }

    /// <summary>Caches the value of a number.</summary>
    public void Add(long number, T value)
    {
        if (number >= _slots.Length && _slots.Length < maxSlots)
            Grow(number);
        var slots = _slots;
        slots[number & (slots.Length - 1)] = new Entry(number, value);
    }

    /// <summary>
    /// Grows the cache for a number. Entries that another thread adds to the old slots meanwhile may be lost.
    /// </summary>
    private void Grow(long number)
    {
        lock (_growth)
        {
            var length = _slots.Length;
            while (length <= number && length < maxSlots)
                length *= 2;
            var slots = new Entry?[length];
            foreach (var entry in _slots)
            {
                if (entry is not null)
                    slots[entry.Number & (length - 1)] = entry;
            }
            _slots = slots;
        }
    }

    private sealed record Entry(long Number, T Value);
}
