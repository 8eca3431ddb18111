namespace Millrace.Sqlite;

/// <summary>What numbers of the store stand for, as far as it is remembered. Safe to use from several
/// threads.</summary>
/// <remarks>
/// Each number has one slot, by its lowest bits, and those that share a slot take turns in it: so memory is bounded,
/// nothing is ever counted or cleared, and a look-up takes no lock. What numbers stand for never changes, so that a
/// forgotten entry costs only a read.
/// </remarks>
internal sealed class NumberCache<T>(int mostSlots)
{
    private const int FirstSlots = 256;

    private readonly Lock _growth = new();
    private volatile Entry?[] _slots = new Entry?[FirstSlots];

    /// <summary>Finds what a number stands for.</summary>
    public bool TryGet(long number, out T value)
    {
        var slots = _slots;
        var entry = slots[number & (slots.Length - 1)];
        if (entry is null || entry.Number != number)
        {
            value = default!; // Not looked at by who is told false.
            return false;
        }
        value = entry.Value;
        return true;
    }

    /// <summary>Remembers what a number stands for.</summary>
    public void Remember(long number, T value)
    {
        if (number >= _slots.Length && _slots.Length < mostSlots)
            Grow(number);
        var slots = _slots;
        slots[number & (slots.Length - 1)] = new Entry(number, value);
    }

    /// <summary>Makes room for a number. What another thread remembers in the old slots meanwhile may be
    /// forgotten.</summary>
    private void Grow(long number)
    {
        lock (_growth)
        {
            var length = _slots.Length;
            while (length <= number && length < mostSlots)
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
