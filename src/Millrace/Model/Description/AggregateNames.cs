namespace Millrace.Model.Description;

/// <summary>
/// Determines the names of aggregates and deciders. A name is the name in C#, with the context if several types have
/// the same name.
/// </summary>
internal sealed class AggregateNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deciders;
    private readonly ContextNames _contexts;

    public AggregateNames(ModelCatalog catalog, IReadOnlyList<ModelLinks> links, ContextNames contexts)
    {
        _contexts = contexts;
        _deciders = links.SelectMany(model => model.Deciders).Select(link => ModelLinks.Text(link, "type") ?? "")
            .ToHashSet(StringComparer.Ordinal);
        var types = catalog
            .Aggregates.Select(aggregate => aggregate.AggregateType.FullName ?? aggregate.AggregateType.Name)
            .Concat(_deciders)
            .Distinct()
            .ToList();
        foreach (var group in types.GroupBy(SimpleOf, StringComparer.Ordinal))
        {
            foreach (var type in group)
                _names[type] = group.Skip(1).Any() ? $"{contexts.Of(type)}.{group.Key}" : group.Key;
        }
        foreach (var aggregate in catalog.Aggregates)
            _ids.TryAdd(aggregate.IdType.FullName ?? "", Of(aggregate.AggregateType.FullName ?? ""));
        foreach (var decider in links.SelectMany(model => model.Deciders))
        {
            if (ModelLinks.Text(decider, "id") is { } id)
                _ids.TryAdd(id, Of(ModelLinks.Text(decider, "type") ?? ""));
        }
    }

    public string Of(string type) => _names.GetValueOrDefault(type) ?? SimpleOf(type);

    public string ContextOf(string type) => _contexts.Of(type);

    /// <summary>Returns the name of the aggregate with an id type; null if no aggregate has this id type.</summary>
    public string? OfId(string idType) => _ids.GetValueOrDefault(idType);

    /// <summary>
    /// Returns the name of the decider whose class is a handler; null if the handler is not a decider.
    /// </summary>
    public string? DeciderOf(string? handler) =>
        handler is not null && _deciders.Contains(handler) ? Of(handler) : null;

    /// <summary>Returns the name of a type without its namespace.</summary>
    public static string SimpleOf(string type) => type[(type.LastIndexOfAny(['.', '+']) + 1)..];
}
