using System.Collections.Frozen;

namespace Millrace;

/// <summary>
/// Every event type a program knows, by CLR type and by stored name and schema version, and the upcasters that lead from old shapes to the
/// newest. Immutable.
/// </summary>
public sealed class EventTypeMap
{
    private readonly FrozenDictionary<Type, StoredShape> _byType;
    private readonly FrozenDictionary<(string Name, int SchemaVersion), StoredShape> _byName;
    private readonly FrozenDictionary<string, int> _newest;
    private readonly StoredNames _naming;

    internal EventTypeMap(EventEvolution evolution)
    {
        var graph = new ShapeGraph(evolution);
        _byType = graph.ByType.ToFrozenDictionary();
        _byName = graph.ByName.ToFrozenDictionary();
        _newest = _byName.Keys.GroupBy(key => key.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Max(key => key.SchemaVersion), StringComparer.Ordinal);
        _naming = new StoredNames(graph);
        Types = [.. _byName.Values.Select(shape => shape.Type).OfType<EventType>().Distinct()];
        Upcasters = [.. evolution.Upcasters];
        MaySplit = _byName.Values.Any(shape => shape.MaySplit);
    }

    /// <summary>A map that knows no type: events are read as <see cref="UnknownEvent"/>.</summary>
    public static EventTypeMap Empty { get; } = new(new EventEvolution([], [], []));

    /// <summary>All shapes that have a CLR type, in no order.</summary>
    public IReadOnlyCollection<EventType> Types { get; }

    /// <summary>The ways from old shapes to newer ones, in the order registered.</summary>
    public IReadOnlyList<Upcaster> Upcasters { get; }

    /// <summary>Whether any stored event is read as several or none.</summary>
    internal bool MaySplit { get; }

    /// <summary>The shape that a CLR type is stored as.</summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public EventType Get(Type clrType) => GetShape(clrType).Type!; // It was found by its CLR type.

    /// <summary>The shape stored under a name and schema version as a CLR type; null when there is none.</summary>
    public EventType? Find(string name, int schemaVersion) => FindShape(name, schemaVersion)?.Type;

    /// <summary>
    /// The names under which events may be stored that are read as a CLR type: its own, those it had formerly, and those of events that
    /// upcasters make it from.
    /// </summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public IReadOnlyList<string> StoredNamesOf(Type clrType) => _naming.NamesOf(Get(clrType));

    internal StoredShape GetShape(Type clrType) =>
        _byType.TryGetValue(clrType, out var shape) ? shape : throw new EventTypeNotFoundException(clrType);

    internal StoredShape? FindShape(string name, int schemaVersion) => _byName.GetValueOrDefault((name, schemaVersion));

    internal bool Knows(Type clrType) => _byType.ContainsKey(clrType);

    internal bool KnowsName(string name) => _newest.ContainsKey(name);

    /// <summary>The newest schema version known of a stored name; 0 when the name is not known.</summary>
    internal int NewestOf(string name) => _newest.GetValueOrDefault(name);

    /// <summary>The filter with the former names of the types that it asks for.</summary>
    internal EventFilter WithFormerNames(EventFilter filter) => _naming.WithFormerNames(filter);

    /// <summary>The filter with every name under which an event may be stored that is read as what it asks for, among others.</summary>
    internal EventFilter WithSources(EventFilter filter) => _naming.WithSources(filter);

    /// <summary>Whether an event is of one of the types asked for, as it is read, and not only as it is stored.</summary>
    internal bool IsOneOf(IReadOnlyList<string> names, RecordedEvent recorded)
    {
        var name = _byType.TryGetValue(recorded.Data.GetType(), out var shape) ? shape.Name : recorded.Type;
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.Ordinal) || string.Equals(names[i], recorded.Type, StringComparison.Ordinal))
                return true;
        }
        return recorded.Data is UnreadableEvent;
    }

    /// <summary>The events as they are read: what is stored as one and read as several stands there several times.</summary>
    internal IReadOnlyList<RecordedEvent> Parts(IReadOnlyList<RecordedEvent> events)
    {
        if (!MaySplit)
            return events;
        List<RecordedEvent>? parts = null;
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            var splits = FindShape(recorded.Type, recorded.SchemaVersion) is { MaySplit: true } && recorded.Data is EventParts;
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
}
