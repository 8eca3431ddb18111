namespace Millrace.Storage.Caching;

/// <summary>The first events of a stream, without gaps.</summary>
internal sealed class CachedStream
{
    private const int EventBytes = 400; // The objects of an event without its payload and metadata, roughly.

    private readonly List<RecordedEvent> _events = [];

    /// <summary>Gets whether these are all events of the stream.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Gets the approximate size.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets the version of the last event.</summary>
    public long LastVersion => _events.Count == 0 ? 0 : _events[^1].Version;

    /// <summary>Gets the position of the last event.</summary>
    public long LastPosition => _events.Count == 0 ? 0 : _events[^1].Position;

    private long FirstVersion => _events[0].Version;

    /// <summary>Adds a page that begins after the last event.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events, bool isComplete)
    {
        foreach (var recorded in events)
        {
            _events.Add(recorded.Detached());
            Bytes += EventBytes + recorded.Payload.Length + recorded.MetadataBytes.Length;
        }
        IsComplete = isComplete;
    }

    /// <summary>Adds a new event of the stream. Returns false if an event between is missing.</summary>
    public bool TryAdd(RecordedEvent recorded)
    {
        if (recorded.Version <= LastVersion || !IsComplete)
            return true;
        if (recorded.Version != LastVersion + 1)
            return false;
        Add([recorded], isComplete: true);
        return true;
    }

    /// <summary>Gets whether a page consists of events that are here.</summary>
    public bool Covers(StreamPageQuery query) =>
        IsComplete || (!query.IsBackwards && Math.Max(query.From, FirstVersion) + query.Limit <= LastVersion);

    /// <summary>Reads a page; null if it needs events that are not here.</summary>
    public EventPage? Read(StreamPageQuery query)
    {
        if (query.IsBackwards)
            return IsComplete ? Backwards(query) : null;
        var from = Math.Max(query.From, FirstVersion);
        var end = from > LastVersion ? 0 : Math.Min(query.Limit, LastVersion - from + 1);
        var isEnd = from + end > LastVersion;
        if (isEnd && !IsComplete)
            return null;
        var page = new RecordedEvent[(int)end];
        for (var i = 0; i < page.Length; i++)
            page[i] = _events[(int)(from - FirstVersion) + i].WithoutData();
        return new EventPage(page, from + end, isEnd);
    }

    private EventPage Backwards(StreamPageQuery query)
    {
        var version = Math.Min(query.From, LastVersion);
        var page = new List<RecordedEvent>();
        for (; version >= FirstVersion && page.Count < query.Limit; version--)
            page.Add(_events[(int)(version - FirstVersion)].WithoutData());
        return new EventPage(page, Math.Max(version, 0), version < FirstVersion);
    }
}
