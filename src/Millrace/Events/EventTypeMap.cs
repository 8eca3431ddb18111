using System.Collections.Frozen;

namespace Millrace;

/// <summary>
/// All event types that a program knows, by CLR type and by stored name and schema version, and the upcasters from old
/// schema versions to the newest. Immutable.
/// </summary>
public sealed class EventTypeMap
{
    private readonly FrozenDictionary<Type, StoredShape> _byType;
    private readonly FrozenDictionary<(string Name, int SchemaVersion), StoredShape> _byName;
    private readonly FrozenDictionary<string, int> _newest;
    private readonly FrozenSet<string> _ends;
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
        _ends = graph
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

    /// <summary>Gets a map without types: all events are read as <see cref="UnknownEvent"/>.</summary>
    public static EventTypeMap Empty { get; } = new(new EventEvolution([], [], []));

    /// <summary>Gets all event types with a CLR type, in no particular order.</summary>
    public IReadOnlyCollection<EventType> Types { get; }

    /// <summary>Gets the upcasters, in the order of registration.</summary>
    public IReadOnlyList<Upcaster> Upcasters { get; }

    /// <summary>Gets the mergers, in the order of registration.</summary>
    public IReadOnlyList<Merger> Mergers { get; }

    /// <summary>Gets whether any stored event may be read as several events or as none.</summary>
    internal bool MaySplit { get; }

    /// <summary>Gets the event type of a CLR type.</summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public EventType Get(Type clrType) => GetShape(clrType).Type!; // The shape was found by its CLR type.

    /// <summary>Finds the event type of a stored name and schema version; null if there is none.</summary>
    public EventType? Find(string name, int schemaVersion) => FindShape(name, schemaVersion)?.Type;

    /// <summary>
    /// Gets the names under which events may be stored that are read as a CLR type: its current name, its former names,
    /// and the names of events from which upcasters create it.
    /// </summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public IReadOnlyList<string> StoredNamesOf(Type clrType) => _naming.NamesOf(Get(clrType));

    internal IEnumerable<string> FormerNamesOf(string name) =>
        _formerNames[name].Distinct().Order(StringComparer.Ordinal);

    internal StoredShape GetShape(Type clrType) =>
        _byType.TryGetValue(clrType, out var shape) ? shape : throw new EventTypeNotFoundException(clrType);

    internal StoredShape? FindShape(string name, int schemaVersion) => _byName.GetValueOrDefault((name, schemaVersion));

    /// <summary>Returns the role of a stored event in a merge; null for most events.</summary>
    internal MergeRole? RoleOf(RecordedEvent recorded) =>
        Mergers.Count == 0 ? null : FindShape(recorded.Type, recorded.SchemaVersion)?.Role;

    /// <summary>
    /// Joins two consecutive events if a merger reads them as one. Both must have been committed together, so that no
    /// reader has seen the first one alone.
    /// </summary>
    internal void Join(RecordedEvent first, RecordedEvent second)
    {
        var isOne = first.Timestamp == second.Timestamp
            && first.CorrelationId == second.CorrelationId
            && first.CausationId == second.CausationId
            && first.Stream == second.Stream && first.Version + 1 == second.Version
            && RoleOf(first) is { IsFirst: true } before && RoleOf(second) is { IsFirst: false } after
            && ReferenceEquals(before.Merger, after.Merger);
        if (isOne)
        {
            first.Partner = second;
            second.Partner = first;
        }
    }

    internal bool Knows(Type clrType) => _byType.ContainsKey(clrType);

    internal bool KnowsName(string name) => _newest.ContainsKey(name);

    /// <summary>Gets the newest known schema version of a stored name; 0 if the name is not known.</summary>
    internal int NewestOf(string name) => _newest.GetValueOrDefault(name);

    /// <summary>Adds the former names of the filter's types to a filter.</summary>
    internal EventFilter WithFormerNames(EventFilter filter) => _naming.WithFormerNames(filter);

    /// <summary>
    /// Adds to a filter all names under which events may be stored that are read as one of its types. The result may
    /// match other events as well.
    /// </summary>
    internal EventFilter WithSources(EventFilter filter) => _naming.WithSources(filter);

    /// <summary>
    /// Returns whether events that match the wide filter may be read as types that were not requested.
    /// </summary>
    /// <param name="asked">The requested filter.</param>
    /// <param name="wide">The result of <see cref="WithSources"/> for it.</param>
    internal bool MustFilter(EventFilter asked, EventFilter wide) =>
        asked.Types.Count > 0 && (MaySplit || !ReferenceEquals(asked, wide));

    /// <summary>
    /// Returns whether an event, as it is read and not only as it is stored, has one of the requested types.
    /// </summary>
    internal bool IsOneOf(IReadOnlyList<string> names, RecordedEvent recorded)
    {
        // An event that is returned as it is stored does not have to be decoded for this.
        var stored = FindShape(recorded.Type, recorded.SchemaVersion);
        if (stored is { Upcaster: null })
            return Matches(names, stored.Name, recorded.Type);
        var name = _byType.TryGetValue(recorded.Data.GetType(), out var shape) ? shape.Name : recorded.Type;
        return Matches(names, name, recorded.Type) || recorded.Data is UnreadableEvent;
    }

    /// <summary>A requested name that no event is read as any more matches all events stored under it.</summary>
    private bool Matches(IReadOnlyList<string> names, string name, string stored)
    {
        var isStoredName = !_ends.Contains(stored);
        for (var i = 0; i < names.Count; i++)
        {
            var requested = names[i];
            if (string.Equals(requested, name, StringComparison.Ordinal)
                || (isStoredName && string.Equals(requested, stored, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns the events as they are read: an event that is stored once and read as several is listed several times.
    /// </summary>
    internal IReadOnlyList<RecordedEvent> Parts(IReadOnlyList<RecordedEvent> events)
    {
        if (!MaySplit)
            return events;
        List<RecordedEvent>? parts = null;
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            var splits = ReadAs(recorded) is { MaySplit: true } && recorded.Data is EventParts;
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
    /// Returns the shape with which an event is read. An event that is too new may be readable by the newest known
    /// version.
    /// </summary>
    private StoredShape? ReadAs(RecordedEvent recorded) =>
        FindShape(recorded.Type, recorded.SchemaVersion) ?? FindShape(recorded.Type, NewestOf(recorded.Type));
}
