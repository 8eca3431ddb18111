using System.Runtime.InteropServices;

namespace Millrace.Storage.InMemory;

/// <summary>
/// The positions of the events that share a value, in order. Positions of removed events stay in the index; readers
/// skip them.
/// </summary>
internal sealed class PositionIndex<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, List<long>> _lists = [];

    public void Add(TKey key, long position)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_lists, key, out _);
        (list ??= []).Add(position);
    }

    public IReadOnlyList<long> Find(TKey key) => _lists.TryGetValue(key, out var list) ? list : [];
}
