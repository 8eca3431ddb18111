using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Model;

/// <summary>The read models whose documents have members with personal data or secrets. Thread-safe.</summary>
internal sealed class MarkedReadModels
{
    private readonly DocumentTypes _types;
    private readonly HashSet<string> _marked;
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _in = new();

    public MarkedReadModels(ModelCatalog model)
    {
        _types = new DocumentTypes(model);
        _marked = model.Protection.ReadModels.Keys.Select(CollectionName.NameOf).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Gets whether there are any.</summary>
    public bool Any => _marked.Count > 0;

    /// <summary>
    /// Returns the names of the marked read models whose documents values of a type can contain, in ordinal order.
    /// </summary>
    public IReadOnlyList<string> In(Type type) => _in.GetOrAdd(
        type,
        static (type, models) =>
            [.. models._types.In(type).Where(models._marked.Contains).Order(StringComparer.Ordinal)],
        this);
}
