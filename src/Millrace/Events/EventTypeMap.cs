using System.Collections.Frozen;

namespace Millrace;

/// <summary>
/// Every event type a program knows, by CLR type and by stored name and schema version, and the upcasters that lead
/// from old shapes to the newest. Immutable.
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

    /// <summary>A map that knows no type: events are read as <see cref="UnknownEvent"/>.</summary>
    public static EventTypeMap Empty { get; } = new(new EventEvolution([], [], []));

    /// <summary>All shapes that have a CLR type, in no order.</summary>
    public IReadOnlyCollection<EventType> Types { get; }

    /// <summary>The ways from old shapes to newer ones, in the order registered.</summary>
    public IReadOnlyList<Upcaster> Upcasters { get; }

    /// <summary>The ways from two stored events to one, in the order registered.</summary>
    public IReadOnlyList<Merger> Mergers { get; }

    /// <summary>Whether any stored event is read as several or none.</summary>
    internal bool MaySplit { get; }

    /// <summary>The shape that a CLR type is stored as.</summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public EventType Get(Type clrType) => GetShape(clrType).Type!; // It was found by its CLR type.

    /// <summary>The shape stored under a name and schema version as a CLR type; null when there is none.</summary>
    public EventType? Find(string name, int schemaVersion) => FindShape(name, schemaVersion)?.Type;

    /// <summary>
    /// The names under which events may be stored that are read as a CLR type: its own, those it had formerly, and
    /// those of events that upcasters make it from.
    /// </summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public IReadOnlyList<string> StoredNamesOf(Type clrType) => _naming.NamesOf(Get(clrType));

    internal IEnumerable<string> FormerNamesOf(string name) =>
        _formerNames[name].Distinct().Order(StringComparer.Ordinal);

    internal StoredShape GetShape(Type clrType) =>
        _byType.TryGetValue(clrType, out var shape) ? shape : throw new EventTypeNotFoundException(clrType);

    internal StoredShape? FindShape(string name, int schemaVersion) => _byName.GetValueOrDefault((name, schemaVersion));

    /// <summary>What a stored event is in a merge; null for most.</summary>
    internal MergeRole? RoleOf(RecordedEvent recorded) =>
        Mergers.Count == 0 ? null : FindShape(recorded.Type, recorded.SchemaVersion)?.Role;

    /// <summary>
    /// Joins two events that follow one another, if a merge makes one of them: both must have been committed together,
    /// so that nobody has seen the first alone.
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
            (first.Partner, second.Partner) = (second, first);
    }

    internal bool Knows(Type clrType) => _byType.ContainsKey(clrType);

    internal bool KnowsName(string name) => _newest.ContainsKey(name);

    /// <summary>The newest schema version known of a stored name; 0 when the name is not known.</summary>
    internal int NewestOf(string name) => _newest.GetValueOrDefault(name);

    /// <summary>The filter with the former names of the types that it asks for.</summary>
    internal EventFilter WithFormerNames(EventFilter filter) => _naming.WithFormerNames(filter);

    /// <summary>The filter with every name under which an event may be stored that is read as what it asks for, among
    /// others.</summary>
    internal EventFilter WithSources(EventFilter filter) => _naming.WithSources(filter);

    /// <summary>Whether what a filter finds may be read as something that it did not ask for.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="wide">The same <see cref="WithSources"/>.</param>
    internal bool MustFilter(EventFilter asked, EventFilter wide) =>
        asked.Types.Count > 0 && (MaySplit || !ReferenceEquals(asked, wide));

    /// <summary>Whether an event is of one of the types asked for, as it is read, and not only as it is
    /// stored.</summary>
    internal bool IsOneOf(IReadOnlyList<string> names, RecordedEvent recorded)
    {
        // What is handed out as it is stored need not be decoded for that.
        var stored = FindShape(recorded.Type, recorded.SchemaVersion);
        if (stored is { Upcaster: null })
            return Asks(names, stored.Name, recorded.Type);
        var name = _byType.TryGetValue(recorded.Data.GetType(), out var shape) ? shape.Name : recorded.Type;
        return Asks(names, name, recorded.Type) || recorded.Data is UnreadableEvent;
    }

    /// <summary>A name that nothing is read as any more means all that is stored under it.</summary>
    private bool Asks(IReadOnlyList<string> names, string name, string stored)
    {
        var isStoredName = !_ends.Contains(stored);
        for (var i = 0; i < names.Count; i++)
        {
            var asked = names[i];
            if (string.Equals(asked, name, StringComparison.Ordinal)
                || (isStoredName && string.Equals(asked, stored, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>The events as they are read: what is stored as one and read as several stands there several
    /// times.</summary>
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
                parts!.AddRange(recorded.Parts()); // Made just before, at the latest.
            else
                parts?.Add(recorded);
        }
        return parts ?? events;
    }

    /// <summary>The shape that an event is read by; one that is too new may be read by the newest known, if it says
    /// so.</summary>
    private StoredShape? ReadAs(RecordedEvent recorded) =>
        FindShape(recorded.Type, recorded.SchemaVersion) ?? FindShape(recorded.Type, NewestOf(recorded.Type));
}
