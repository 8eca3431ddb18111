using System.Collections.Frozen;
using Millrace.Evolution;

namespace Millrace;

/// <summary>
/// A map of all event types that a program knows, by CLR type, and by stored name and schema version. The map also
/// contains the upcasters from old schema versions to newer versions. Immutable.
/// </summary>
public sealed class EventTypeMap
{
    private readonly FrozenDictionary<Type, StoredShape> _byType;
    private readonly FrozenDictionary<(string Name, int SchemaVersion), StoredShape> _byName;
    private readonly FrozenDictionary<string, int> _newest;
    private readonly FrozenSet<string> _currentNames;
    private readonly StoredNames _naming;
    private readonly ILookup<string, string> _formerNames;

    internal EventTypeMap(EventEvolution evolution)
    {
        var graph = new ShapeGraph(evolution);
        _byType = graph.ByType.ToFrozenDictionary();
        _byName = graph.ByName.ToFrozenDictionary();
        _newest = _byName
            .Keys.GroupBy(key => key.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key, group => group.Max(key => key.SchemaVersion), StringComparer.Ordinal);
        _currentNames = graph
            .ByName.Values.Where(shape => shape.Upcaster is null)
            .Select(shape => shape.Name)
            .ToFrozenSet(StringComparer.Ordinal);
        _naming = new StoredNames(graph, evolution.FormerNames);
        Types = [.. _byName.Values.Select(shape => shape.Type).OfType<EventType>().Distinct()];
        Upcasters = [.. evolution.Upcasters];
        Mergers = [.. evolution.Mergers];
        _formerNames = evolution.FormerNames.ToLookup(pair => pair.Name, pair => pair.Former, StringComparer.Ordinal);
        MaySplit = _byName.Values.Any(shape => shape.MaySplit);
    }

    /// <summary>Gets a map without types. With this map, all events are read as <see cref="UnknownEvent"/>.</summary>
    public static EventTypeMap Empty { get; } = new(new EventEvolution([], [], []));

    /// <summary>Gets all event types with a CLR type, in no particular order.</summary>
    public IReadOnlyCollection<EventType> Types { get; }

    /// <summary>Gets the upcasters, in the order of registration.</summary>
    public IReadOnlyList<Upcaster> Upcasters { get; }

    /// <summary>Gets the mergers, in the order of registration.</summary>
    public IReadOnlyList<Merger> Mergers { get; }

    /// <summary>Gets whether any stored event may be read as several events or as no event.</summary>
    internal bool MaySplit { get; }

    /// <summary>Gets the event type of a CLR type.</summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public EventType Get(Type clrType) => GetShape(clrType).Type!; // Never null.

    /// <summary>Finds the event type of a stored name and schema version; null if there is no such type.</summary>
    public EventType? Find(string name, int schemaVersion) => FindShape(name, schemaVersion)?.Type;

    /// <summary>
    /// Gets the stored names of all events that are read as a CLR type. These are the current name of the type, its
    /// former names, and the names of events that upcasters convert to the type.
    /// </summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public IReadOnlyList<string> StoredNamesOf(Type clrType) => _naming.NamesOf(Get(clrType));

    internal IEnumerable<string> FormerNamesOf(string name) =>
        _formerNames[name].Distinct().Order(StringComparer.Ordinal);

    internal StoredShape GetShape(Type clrType) =>
        _byType.TryGetValue(clrType, out var shape) ? shape : throw new EventTypeNotFoundException(clrType);

    internal StoredShape? FindShape(string name, int schemaVersion) => _byName.GetValueOrDefault((name, schemaVersion));

    /// <summary>Returns the role of a stored event in a merge; null if the event is not merged.</summary>
    internal MergeRole? RoleOf(RecordedEvent recorded) =>
        Mergers.Count == 0 ? null : FindShape(recorded.Type, recorded.SchemaVersion)?.Role;

    /// <summary>
    /// Joins two consecutive events if a merger merges them. Both must be from the same commit, so that no reader has
    /// seen the first event alone.
    /// </summary>
    internal void Join(RecordedEvent first, RecordedEvent second)
    {
        var isMerged = first.Timestamp == second.Timestamp
            && first.CorrelationId == second.CorrelationId
            && first.CausationId == second.CausationId
            && first.Stream == second.Stream && first.Version + 1 == second.Version
            && RoleOf(first) is { IsFirst: true } before && RoleOf(second) is { IsFirst: false } after
            && ReferenceEquals(before.Merger, after.Merger);
        if (isMerged)
        {
            first.Partner = second;
            second.Partner = first;
        }
    }

    internal bool Knows(Type clrType) => _byType.ContainsKey(clrType);

    /// <summary>Returns whether a version of events with a stored name can be read.</summary>
    internal bool CanRead(string name) => _byName.Keys.Any(key => key.Name == name) || _formerNames.Any(pair =>
        pair.Contains(name, StringComparer.Ordinal));

    internal bool KnowsName(string name) => _newest.ContainsKey(name);

    /// <summary>Gets the newest known schema version of a stored name; 0 if the name is unknown.</summary>
    internal int NewestOf(string name) => _newest.GetValueOrDefault(name);

    /// <summary>Adds the former names of the filter's types to a filter.</summary>
    internal EventFilter WithFormerNames(EventFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return _naming.WithFormerNames(filter);
    }

    /// <summary>
    /// Adds the stored names of all events that are read as one of the filter's types. The result may also match other
    /// events.
    /// </summary>
    internal EventFilter WithSources(EventFilter filter) => _naming.WithSources(filter);

    /// <summary>
    /// Returns whether an event that matches the wide filter may be read as another type than the requested types.
    /// </summary>
    /// <param name="requestedFilter">The requested filter.</param>
    /// <param name="wideFilter">The result of <see cref="WithSources"/> for the requested filter.</param>
    internal bool NeedsFilter(EventFilter requestedFilter, EventFilter wideFilter) =>
        requestedFilter.Types.Count > 0 && (MaySplit || !ReferenceEquals(requestedFilter, wideFilter));

    /// <summary>
    /// Returns whether an event has one of the requested types after it is read, that is, after upcasters and merges.
    /// </summary>
    internal bool IsOneOf(IReadOnlyList<string> names, RecordedEvent recorded)
    {
        // An event without upcasters and merges does not have to be decoded for this.
        var stored = FindShape(recorded.Type, recorded.SchemaVersion);
        if (stored is { Upcaster: null })
            return Matches(names, stored.Name, recorded.Type);
        var name = _byType.TryGetValue(recorded.Data.GetType(), out var shape) ? shape.Name : recorded.Type;
        return Matches(names, name, recorded.Type) || recorded.Data is UnreadableEvent;
    }

    /// <summary>
    /// Returns whether a requested name matches an event. If no event is read under a requested name any more, that
    /// name matches all events that are stored under it.
    /// </summary>
    private bool Matches(IReadOnlyList<string> names, string currentName, string storedName)
    {
        var isOnlyStored = !_currentNames.Contains(storedName);
        for (var i = 0; i < names.Count; i++)
        {
            var requested = names[i];
            if (string.Equals(requested, currentName, StringComparison.Ordinal)
                || (isOnlyStored && string.Equals(requested, storedName, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns the events as readers receive them. If a stored event is read as several events, the result contains all
    /// of them.
    /// </summary>
    internal IReadOnlyList<RecordedEvent> Parts(IReadOnlyList<RecordedEvent> events)
    {
        if (!MaySplit)
            return events;
        List<RecordedEvent>? parts = null;
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            var splits = FindReadingShape(recorded) is { MaySplit: true } && recorded.Data is EventParts;
            if (splits && parts is null)
            {
                parts = new List<RecordedEvent>(events.Count + 8);
                for (var j = 0; j < i; j++)
                    parts.Add(events[j]);
            }
            if (splits)
                parts!.AddRange(recorded.Parts()); // The list was created above.
            else
                parts?.Add(recorded);
        }
        return parts ?? events;
    }

    /// <summary>
    /// Returns the shape that is used to read an event. If the event is newer than all known versions, the newest known
    /// version may be able to read it.
    /// </summary>
    private StoredShape? FindReadingShape(RecordedEvent recorded) =>
        FindShape(recorded.Type, recorded.SchemaVersion) ?? FindShape(recorded.Type, NewestOf(recorded.Type));
}
