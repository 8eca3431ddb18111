namespace Millrace;

/// <summary>
/// What a consumer of the application's own asked for, among events that may be stored as one thing and read as
/// another, as several or as none: all that it is told of them, and asked for their keys, is about what it asked for.
/// </summary>
internal sealed class SubscribedEvents
{
    private readonly EventTypeMap _types;
    private readonly EventFilter _asked;
    private readonly bool _mustFilter;

    public SubscribedEvents(EventTypeMap types, EventFilter asked)
    {
        (_types, _asked) = (types, asked);
        Filter = types.WithSources(asked);
        _mustFilter = types.MustFilter(asked, Filter);
    }

    /// <summary>The filter with all names under which something may be stored that is read as what is asked
    /// for.</summary>
    public EventFilter Filter { get; }

    /// <summary>Whether events are what is asked for, one by one, as they are found.</summary>
    public bool IsPlain => !_types.MaySplit && !_mustFilter;

    /// <summary>The events, or their parts, that are asked for, in order.</summary>
    public IReadOnlyList<RecordedEvent> Of(IReadOnlyList<RecordedEvent> events)
    {
        if (IsPlain)
            return events;
        var parts = _types.Parts(events);
        if (!_mustFilter)
            return parts;
        List<RecordedEvent>? kept = null;
        for (var i = 0; i < parts.Count; i++)
        {
            var isWanted = _types.IsOneOf(_asked.Types, parts[i]);
            if (!isWanted && kept is null)
            {
                kept = new List<RecordedEvent>(parts.Count);
                for (var j = 0; j < i; j++)
                    kept.Add(parts[j]);
            }
            else if (isWanted)
            {
                kept?.Add(parts[i]);
            }
        }
        return kept ?? parts;
    }
}
