using Millrace.Consuming;

namespace Millrace.Explaining;

/// <summary>A projection into tables, and the keys of a stream's events in this projection.</summary>
internal sealed class MatchedTable(SqlProjection projection, EventTypeMap types)
{
    private readonly HashSet<string> _types = new(
        StoredEventTypes.NamesOf(types, projection.Events), StringComparer.Ordinal);
    private readonly Dictionary<string, EntityTable> _found = new(StringComparer.Ordinal);

    /// <summary>Gets the keys with the number of events of each key.</summary>
    public IReadOnlyCollection<EntityTable> Found => _found.Values;

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>Adds an event to its key. Throws the exceptions of application code.</summary>
    public void Collect(RecordedEvent recorded)
    {
        StoredEventTypes.RequireReadable(recorded);
        var key = projection.Key(recorded);
        var before = _found.GetValueOrDefault(key);
        _found[key] = new EntityTable(projection.Name, key, (before?.Events ?? 0) + 1, recorded.Position);
    }
}
