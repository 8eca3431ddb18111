namespace Millrace.Storage.InMemory;

/// <summary>The events of the log by position, with indexes.</summary>
internal sealed class EventTable
{
    private readonly List<StoredEvent?> _events = [];
    private readonly List<DateTimeOffset> _timestamps = [];
    private readonly PositionIndex<string> _byType = new();
    private readonly PositionIndex<Tag> _byTag = new();
    private readonly PositionIndex<Guid> _byCorrelation = new();
    private readonly PositionIndex<Guid> _byId = new();

    public long LastPosition => _events.Count;

    public DateTimeOffset LastTimestamp => _timestamps.Count == 0 ? DateTimeOffset.MinValue : _timestamps[^1];

    /// <summary>Gets the number of events, without removed events.</summary>
    public long Count { get; private set; }

    /// <summary>Finds the event at a position; null if it was removed or never existed.</summary>
    public StoredEvent? Find(long position) =>
        position >= 1 && position <= _events.Count ? _events[(int)position - 1] : null;

    public StoredEvent? FindById(Guid id, StreamId? stream)
    {
        foreach (var position in _byId.Find(id))
        {
            if (Find(position) is { } stored && (stream is null || stored.Stream == stream))
                return stored;
        }
        return null;
    }

    public void Add(StoredEvent stored)
    {
        _events.Add(stored);
        _timestamps.Add(stored.Timestamp);
        Count++;
        _byType.Add(stored.Encoded.Type, stored.Position);
        _byId.Add(stored.Encoded.Id, stored.Position);
        foreach (var tag in stored.Tags.Distinct())
            _byTag.Add(tag, stored.Position);
        if (stored.Encoded.CorrelationId is { } correlation)
            _byCorrelation.Add(correlation, stored.Position);
    }

    /// <summary>Adds positions whose events were removed, up to a position.</summary>
    public void SkipTo(long position, DateTimeOffset timestamp)
    {
        while (LastPosition < position)
        {
            _events.Add(null);
            _timestamps.Add(timestamp);
        }
    }

    /// <summary>Returns the types of the events.</summary>
    public IEnumerable<string> Types() =>
        _byType.Keys.Where(type => _byType.Find(type).Any(position => Find(position) is not null));

    /// <summary>Counts the matching events.</summary>
    public long CountOf(EventFilter filter)
    {
        if (filter.IsAll)
            return Count;
        var candidates = CandidatesOf(filter);
        var count = 0L;
        for (var next = FindNext(filter, candidates, 1);
            next is not null;
            next = FindNext(filter, candidates, next.Position + 1))
        {
            count++;
        }
        return count;
    }

    /// <summary>Replaces the content of an event, unless it was removed.</summary>
    public void Replace(StoredEvent stored)
    {
        if (Find(stored.Position)?.Encoded.Id == stored.Encoded.Id)
            _events[(int)stored.Position - 1] = stored;
    }

    /// <summary>Removes an event from the log. Returns false if the event was removed before.</summary>
    public bool Remove(long position)
    {
        if (Find(position) is null)
            return false;
        _events[(int)position - 1] = null;
        Count--;
        return true;
    }

    public DateTimeOffset GetTimestamp(long position) => _timestamps[(int)position - 1];

    /// <summary>Finds the first matching event at or after a position; null if there is no such event.</summary>
    public StoredEvent? FindNext(EventFilter filter, in Candidates candidates, long from)
    {
        for (var position = candidates.Next(from); position > 0; position = candidates.Next(position + 1))
        {
            if (Find(position) is { } stored && stored.Matches(filter))
                return stored;
        }
        return null;
    }

    /// <summary>Finds the last matching event at or before a position; null if there is no such event.</summary>
    public StoredEvent? FindPrevious(EventFilter filter, in Candidates candidates, long from)
    {
        for (var position = candidates.Previous(from); position > 0; position = candidates.Previous(position - 1))
        {
            if (Find(position) is { } stored && stored.Matches(filter))
                return stored;
        }
        return null;
    }

    /// <summary>
    /// Returns the candidates for a filter. The candidates come from the shortest list of a tag or correlation id,
    /// otherwise from the lists of the event types. Without any of these lists, all positions are candidates.
    /// </summary>
    public Candidates CandidatesOf(EventFilter filter)
    {
        var first = filter.From is { } from ? FirstAt(from) : 1;
        var last = filter.To is { } to ? FirstAt(to) - 1 : LastPosition;
        var selectiveLists = filter.Tags.Select(_byTag.Find);
        if (filter.CorrelationId is { } correlation)
            selectiveLists = selectiveLists.Append(_byCorrelation.Find(correlation));
        if (selectiveLists.MinBy(list => list.Count) is { } shortest)
            return new Candidates([shortest], first, last);
        return new Candidates(filter.Types.Count == 0 ? null : [.. filter.Types.Select(_byType.Find)], first, last);
    }

    /// <summary>
    /// Returns the first position whose event was recorded at or after a time, or the position after the end of the
    /// log. Recorded times never decrease.
    /// </summary>
    private long FirstAt(DateTimeOffset time)
    {
        var index = _timestamps.BinarySearch(time);
        if (index < 0)
            return ~index + 1;
        while (index > 0 && _timestamps[index - 1] == time)
            index--;
        return index + 1;
    }
}
