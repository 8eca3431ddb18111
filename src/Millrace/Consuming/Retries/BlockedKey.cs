namespace Millrace.Consuming.Retries;

/// <summary>
/// The open dead letters of a key in the order of their events. If the keys of events are unknown, a stream replaces
/// the key.
/// </summary>
/// <param name="key">The key, or an empty text for a stream.</param>
/// <param name="stream">The stream, or null for a key.</param>
internal sealed class BlockedKey(string key, StreamId? stream)
{
    private readonly List<BlockedEvent> _entries = [];

    public string Key { get; } = key;

    public StreamId? Stream { get; } = stream;

    public int Count => _entries.Count;

    /// <summary>Gets the first event. The other events wait for this event.</summary>
    public BlockedEvent? Head => _entries.Count == 0 ? null : _entries[0];

    public bool Has(long position) => Find(position) is not null;

    public BlockedEvent? Find(long position)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Position == position)
                return _entries[i];
        }
        return null;
    }

    /// <summary>Returns a copy of the events at and after a position.</summary>
    public BlockedEvent[] From(long position) => [.. _entries.Where(entry => entry.Position >= position)];

    /// <summary>
    /// Adds an event in the order of positions. It is the last event unless later events were added before it failed.
    /// </summary>
    public void Add(BlockedEvent entry)
    {
        var index = _entries.Count;
        while (index > 0 && _entries[index - 1].Position > entry.Position)
            index--;
        _entries.Insert(index, entry);
    }

    public void Remove(BlockedEvent entry) => _entries.Remove(entry);

    public override string ToString() => Stream is { } blockedStream ? $"stream '{blockedStream}'" : $"key '{Key}'";
}
