namespace Millrace;

/// <summary>A projection into tables, and the keys that it gives the events of a stream.</summary>
internal sealed class MatchedTable(SqlProjection projection, EventTypeMap types)
{
    private readonly HashSet<string> _types = new(
        StoredEventTypes.NamesOf(types, projection.Events), StringComparer.Ordinal);
    private readonly Dictionary<string, EntityTable> _found = new(StringComparer.Ordinal);

    /// <summary>The keys, with how many events each has.</summary>
    public IReadOnlyCollection<EntityTable> Found => _found.Values;

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>Adds an event to its key. Throws what the application's code throws.</summary>
    public void Collect(RecordedEvent recorded)
    {
        StoredEventTypes.RequireReadable(recorded);
        var key = projection.Key(recorded);
        var before = _found.GetValueOrDefault(key);
        _found[key] = new EntityTable(projection.Name, key, (before?.Events ?? 0) + 1, recorded.Position);
    }
}
