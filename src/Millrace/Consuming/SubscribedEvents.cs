namespace Millrace.Consuming;

/// <summary>
/// Selects the events of an application's consumer. A stored event can be read as another event, as several events or
/// as none. The consumer receives only the parts that match its filter, and only these have keys.
/// </summary>
internal sealed class SubscribedEvents
{
    private readonly EventTypeMap _types;
    private readonly EventFilter _filter;
    private readonly bool _mustFilter;

    public SubscribedEvents(EventTypeMap types, EventFilter filter)
    {
        _types = types;
        _filter = filter;
        Filter = types.WithSources(filter);
        _mustFilter = types.NeedsFilter(filter, Filter);
    }

    /// <summary>Gets the filter with all stored names of events that are read as a requested type.</summary>
    public EventFilter Filter { get; }

    /// <summary>Gets whether each stored event is exactly one event of the filter.</summary>
    public bool IsPlain => !_types.MaySplit && !_mustFilter;

    /// <summary>Returns the events, or their parts, that match the filter, in order.</summary>
    public IReadOnlyList<RecordedEvent> Of(IReadOnlyList<RecordedEvent> events)
    {
        if (IsPlain)
            return events;
        var parts = _types.Parts(events);
        if (!_mustFilter)
            return parts;
        List<RecordedEvent>? matching = null;
        for (var i = 0; i < parts.Count; i++)
        {
            var matches = _types.IsOneOf(_filter.Types, parts[i]);
            if (!matches && matching is null)
            {
                matching = new List<RecordedEvent>(parts.Count);
                for (var j = 0; j < i; j++)
                    matching.Add(parts[j]);
            }
            else if (matches)
            {
                matching?.Add(parts[i]);
            }
        }
        return matching ?? parts;
    }
}
