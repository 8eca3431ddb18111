namespace Millrace.Commands;

/// <summary>
/// A table that finds a value by an exact type in a few nanoseconds. The table uses a perfect hash of the type handles,
/// which is computed once. Immutable.
/// </summary>
internal sealed class TypeTable<T>
    where T : class
{
    private readonly Entry[] _entries;
    private readonly ulong _multiplier;
    private readonly int _shift;

    public TypeTable(IReadOnlyCollection<KeyValuePair<Type, T>> values)
    {
        for (var bits = 4; ; bits++)
        {
            if (1 << bits < values.Count * 2)
                continue;
            // With a random odd multiplier, each type often has a separate slot. If 64 multipliers fail, the size of
            // the table is doubled.
            var multiplier = 0x9E3779B97F4A7C15UL;
            for (var tries = 0; tries < 64; tries++)
            {
                multiplier = ((multiplier * 6364136223846793005UL) + 1442695040888963407UL) | 1;
                if (TryFill(values, bits, multiplier) is not { } entries)
                    continue;
                _entries = entries;
                _multiplier = multiplier;
                _shift = 64 - bits;
                return;
            }
        }
    }

    /// <summary>Returns the value of a type; null if the table does not contain the type.</summary>
    public T? Find(Type type)
    {
        var handle = type.TypeHandle.Value;
        ref var entry = ref _entries[(int)(((ulong)handle * _multiplier) >> _shift)];
        return entry.Handle == handle ? entry.Value : null;
    }

    private static Entry[]? TryFill(IReadOnlyCollection<KeyValuePair<Type, T>> values, int bits, ulong multiplier)
    {
        var entries = new Entry[1 << bits];
        foreach (var (type, value) in values)
        {
            var handle = type.TypeHandle.Value;
            ref var entry = ref entries[(int)(((ulong)handle * multiplier) >> (64 - bits))];
            if (entry.Value is not null)
                return null;
            entry = new Entry { Type = type, Handle = handle, Value = value };
        }
        return entries;
    }

    private struct Entry
    {
        public Type? Type; // Keeps the type alive, so that its handle remains valid.
        public nint Handle;
        public T? Value;
    }
}
