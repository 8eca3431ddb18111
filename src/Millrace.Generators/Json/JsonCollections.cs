using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>The collection types that are written as JSON arrays and objects.</summary>
internal static class JsonCollections
{
    public const string Array = "Array";
    public const string List = "List";
    public const string ImmutableArray = "ImmutableArray";
    public const string Builder = "Builder";
    public const string New = "New";

    private const string Generic = "System.Collections.Generic.";
    private const string Immutable = "System.Collections.Immutable.";

    private static readonly Dictionary<string, (string Kind, string? Created)> Lists = new(StringComparer.Ordinal)
    {
        [Generic + "List`1"] = (List, null),
        [Generic + "IList`1"] = (List, "List"),
        [Generic + "ICollection`1"] = (List, "List"),
        [Generic + "IReadOnlyList`1"] = (Array, null),
        [Generic + "IReadOnlyCollection`1"] = (Array, null),
        [Generic + "IEnumerable`1"] = (Array, null),
        [Generic + "HashSet`1"] = (New, "HashSet"),
        [Generic + "ISet`1"] = (New, "HashSet"),
        [Generic + "IReadOnlySet`1"] = (New, "HashSet"),
        [Generic + "SortedSet`1"] = (New, "SortedSet"),
        [Immutable + "ImmutableArray`1"] = (ImmutableArray, null),
        [Immutable + "ImmutableList`1"] = (Builder, "ImmutableList"),
        [Immutable + "ImmutableHashSet`1"] = (Builder, "ImmutableHashSet"),
        [Immutable + "ImmutableSortedSet`1"] = (Builder, "ImmutableSortedSet"),
    };

    private static readonly Dictionary<string, (string Kind, string Created)> Maps = new(StringComparer.Ordinal)
    {
        [Generic + "Dictionary`2"] = (New, "Dictionary"),
        [Generic + "IDictionary`2"] = (New, "Dictionary"),
        [Generic + "IReadOnlyDictionary`2"] = (New, "Dictionary"),
        [Generic + "SortedDictionary`2"] = (New, "SortedDictionary"),
        [Immutable + "ImmutableDictionary`2"] = (Builder, "ImmutableDictionary"),
        [Immutable + "ImmutableSortedDictionary`2"] = (Builder, "ImmutableSortedDictionary"),
    };

    /// <summary>Returns the kind and the item type of a list or a set, or null for other types.</summary>
    public static (string Kind, ITypeSymbol Item)? FindList(ITypeSymbol type) =>
        type switch
        {
            IArrayTypeSymbol { Rank: 1 } array => (Array, array.ElementType),
            INamedTypeSymbol { TypeArguments: [var item] } named
                when Lists.TryGetValue(named.DefinitionName(), out var found) => (
                    found.Kind + ":" + found.Created, item),
            _ => null,
        };

    /// <summary>Returns the kind, the key type and the value type of a dictionary, or null for other types.</summary>
    public static (string Kind, ITypeSymbol Key, ITypeSymbol Value)? FindMap(ITypeSymbol type) =>
        type switch
        {
            INamedTypeSymbol { TypeArguments: [var key, var value] } named
                when Maps.TryGetValue(named.DefinitionName(), out var found) => (
                found.Kind + ":" + found.Created,
                key,
                value),
            _ => null,
        };
}
