using System.Runtime.InteropServices;

namespace Millrace.Storage.InMemory;

/// <summary>
/// An index of events by a value. For each value, the index contains the positions of its events in order. Positions of
/// removed events remain in the index, and readers skip these positions.
/// </summary>
internal sealed class PositionIndex<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, List<long>> _lists = [];

    /// <summary>Gets the values that events have or had.</summary>
    public IEnumerable<TKey> Keys => _lists.Keys;

    public void Add(TKey key, long position)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_lists, key, out _);
        (list ??= []).Add(position);
    }

    public IReadOnlyList<long> Find(TKey key) => _lists.TryGetValue(key, out var list) ? list : [];
}
