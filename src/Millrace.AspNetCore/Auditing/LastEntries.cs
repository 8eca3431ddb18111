namespace Millrace.AspNetCore.Auditing;

/// <summary>The last entry of each key, by their times. Not thread-safe.</summary>
internal sealed class LastEntries
{
    private readonly Dictionary<RequestKey, LinkedListNode<LastEntry>> _entries = [];
    private readonly LinkedList<LastEntry> _byTime = [];

    public int Count => _entries.Count;

    public LastEntry? Find(RequestKey key) => _entries.GetValueOrDefault(key)?.Value;

    /// <summary>Adds the newest entry. It replaces the entry with the same key.</summary>
    public void Add(LastEntry entry)
    {
        Remove(entry.Key);
        _entries[entry.Key] = _byTime.AddLast(entry);
    }

    /// <summary>Adds an entry again whose count was not recorded.</summary>
    public void Restore(LastEntry entry)
    {
        if (Find(entry.Key) is { } newer)
            newer.Repetitions += entry.Repetitions;
        else
            _entries[entry.Key] = _byTime.AddFirst(entry);
    }

    public void Remove(RequestKey key)
    {
        if (_entries.Remove(key, out var node))
            _byTime.Remove(node);
    }

    /// <summary>Removes the oldest entries while a condition is true, and returns those with repetitions.</summary>
    /// <param name="isExpired">Returns whether an entry can be removed.</param>
    /// <param name="limit">The maximum number of entries with repetitions.</param>
    public List<LastEntry> RemoveOldest(Func<LastEntry, bool> isExpired, int limit)
    {
        List<LastEntry> counted = [];
        while (counted.Count < limit && _byTime.First is { Value: var oldest } && isExpired(oldest))
        {
            Remove(oldest.Key);
            if (oldest.Repetitions > 0)
                counted.Add(oldest);
        }
        return counted;
    }
}
