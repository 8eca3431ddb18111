using System.Collections.Frozen;

namespace Millrace.Evolution;

/// <summary>The names under which the events of current types may be stored.</summary>
internal sealed class StoredNames
{
    // Contains, for each current name with aliases, the name and the aliases.
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _formerNames;

    // Contains, for each current name with several stored names, all stored names whose events can be read as this
    // type.
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _sources;
    private readonly FrozenDictionary<Type, IReadOnlyList<string>> _names;

    public StoredNames(ShapeGraph graph, IEnumerable<(string Former, string Name)> formerNames)
    {
        var ends = graph.ByName.ToDictionary(pair => pair.Key, pair => ShapeGraph.Ends(pair.Value).Distinct().ToList());
        _names = NamesOf(ends);
        _sources = StoredNamesByName(
            ends.SelectMany(pair => pair.Value.Select(end => (end.Name, Stored: pair.Key.Name))));
        // The stored names whose events are always read as one event of one type.
        var renamed =
            from pair in ends
            group pair by pair.Key.Name into stored
            let shapes = stored.Select(pair => graph.ByName[pair.Key])
            let names = stored.SelectMany(pair => pair.Value).Select(end => end.Name).Distinct().ToList()
            where names.Count == 1 && !shapes.Any(shape => shape.MaySplit)
            select (names[0], stored.Key);
        // A declared former name is always an alias. If upcasters convert its events to another type, they also convert
        // the events of the current name to that type.
        _formerNames = StoredNamesByName(renamed.Concat(formerNames.Select(pair => (pair.Name, pair.Former))));
    }

    public IReadOnlyList<string> NamesOf(EventType type) =>
        _names.TryGetValue(type.ClrType, out var names) ? names : [type.Name];

    public EventFilter WithFormerNames(EventFilter filter) => Widen(filter, _formerNames);

    public EventFilter WithSources(EventFilter filter) => Widen(filter, _sources);

    private static EventFilter Widen(EventFilter filter, FrozenDictionary<string, IReadOnlyList<string>> others)
    {
        if (others.Count == 0 || filter.Types.Count == 0 || !filter.Types.Any(others.ContainsKey))
            return filter;
        var names = filter.Types.SelectMany(name => others.TryGetValue(name, out var all) ? all : [name]);
        return filter with { Types = [.. names.Distinct(StringComparer.Ordinal)] };
    }

    private static FrozenDictionary<Type, IReadOnlyList<string>> NamesOf(
        Dictionary<(string Name, int SchemaVersion), List<StoredShape>> ends) => ends
            .SelectMany(pair => pair.Value.Select(end => (End: end, pair.Key.Name)))
            .Where(pair => pair.End.Type is not null)
            .GroupBy(pair => pair.End.Type!.ClrType, pair => pair.Name)
            .ToFrozenDictionary(
                group => group.Key, group => (IReadOnlyList<string>)[.. group.Distinct(StringComparer.Ordinal)]);

    private static FrozenDictionary<string, IReadOnlyList<string>> StoredNamesByName(
        IEnumerable<(string Name, string Stored)> pairs) =>
        pairs
            .GroupBy(pair => pair.Name, pair => pair.Stored, StringComparer.Ordinal)
            .Select(group =>
                (
                    group.Key,
                    Names: (IReadOnlyList<string>)[.. group.Prepend(group.Key).Distinct(StringComparer.Ordinal)]))
            .Where(found => found.Names.Count > 1)
            .ToFrozenDictionary(found => found.Key, found => found.Names, StringComparer.Ordinal);
}
