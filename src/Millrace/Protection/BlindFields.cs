using System.Collections.Frozen;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>The indexed fields of encrypted values in all read models. Immutable.</summary>
/// <param name="byVersion">The fields of each read model that has any, by its name and version.</param>
internal sealed class BlindFields(IReadOnlyDictionary<string, IReadOnlyList<BlindField>> byVersion)
{
    // By the name and version, and by the name with the fields of the last version.
    private readonly FrozenDictionary<string, IReadOnlyList<BlindField>> _fields =
        byVersion
            .OrderBy(pair => CollectionName.VersionOf(pair.Key))
            .Select(pair => KeyValuePair.Create(CollectionName.NameOf(pair.Key), pair.Value))
            .Concat(byVersion)
            .GroupBy(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);

    public bool Any => _fields.Count > 0;

    public static BlindFields None { get; } = new(FrozenDictionary<string, IReadOnlyList<BlindField>>.Empty);

    /// <summary>
    /// Returns the fields of a collection. A collection of a version that the model does not contain has the fields of
    /// the last version.
    /// </summary>
    /// <param name="collection">The name of the collection, without the prefix of a tenant.</param>
    public IReadOnlyList<BlindField> Of(string collection) =>
        _fields.Count == 0 || !collection.Contains('@', StringComparison.Ordinal) ? []
        : _fields.GetValueOrDefault(CollectionName.FirstOf(collection))
            ?? _fields.GetValueOrDefault(CollectionName.NameOf(collection))
            ?? [];
}
