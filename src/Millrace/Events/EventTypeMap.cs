using System.Collections.Frozen;

namespace Millrace;

/// <summary>Every event type a program knows, by CLR type and by stored name and schema version. Immutable.</summary>
public sealed class EventTypeMap
{
    private readonly FrozenDictionary<Type, EventType> _byType;
    private readonly FrozenDictionary<(string Name, int SchemaVersion), EventType> _byName;
    private readonly FrozenSet<string> _names;

    internal EventTypeMap(IReadOnlyCollection<EventType> types)
    {
        var byType = new Dictionary<Type, EventType>();
        var byName = new Dictionary<(string, int), EventType>();
        foreach (var type in types)
        {
            if (!byName.TryAdd((type.Name, type.SchemaVersion), type) && byName[(type.Name, type.SchemaVersion)].ClrType != type.ClrType)
            {
                throw new InvalidOperationException(
                    $"Event type '{type.Name}' version {type.SchemaVersion} is declared by "
                    + $"{byName[(type.Name, type.SchemaVersion)].ClrType} "
                    + $"and by {type.ClrType}. Give one of them another name or version.");
            }
            byType.TryAdd(type.ClrType, type);
        }
        _byType = byType.ToFrozenDictionary();
        _byName = byName.ToFrozenDictionary();
        _names = byName.Values.Select(type => type.Name).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>A map that knows no type: events are read as <see cref="UnknownEvent"/>.</summary>
    public static EventTypeMap Empty { get; } = new([]);

    /// <summary>All shapes, in no order.</summary>
    public IReadOnlyCollection<EventType> Types => _byName.Values;

    /// <summary>The shape that a CLR type is stored as.</summary>
    /// <exception cref="EventTypeNotFoundException">The type is not registered.</exception>
    public EventType Get(Type clrType) =>
        _byType.TryGetValue(clrType, out var type) ? type : throw new EventTypeNotFoundException(clrType);

    /// <summary>The shape stored under a name and schema version, or null.</summary>
    public EventType? Find(string name, int schemaVersion) => _byName.GetValueOrDefault((name, schemaVersion));

    internal bool Knows(Type clrType) => _byType.ContainsKey(clrType);

    internal bool KnowsName(string name) => _names.Contains(name);
}
