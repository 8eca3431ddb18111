using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Checks sets and dictionaries in generated code before they are written. Collections are read with the default
/// comparer. This would lose items that only the comparer of the written collection distinguishes.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class CollectionWrite
{
    /// <summary>Throws an exception if two items of a set are equal for the default comparer.</summary>
    /// <exception cref="JsonException">Two items are equal.</exception>
    public static void RequireDistinct<T>(IEnumerable<T> items)
    {
        var comparer = items switch
        {
            HashSet<T> set => set.Comparer,
            ImmutableHashSet<T> set => set.KeyComparer,
            FrozenSet<T> set => set.Comparer,
            _ => null,
        };
        if (!IsDefault(comparer))
            RequireDistinct(items, new HashSet<T>());
    }

    /// <summary>
    /// Throws an exception if two items of a sorted set are equal in the default order, or if the items have no order.
    /// </summary>
    /// <exception cref="JsonException">Two items are equal.</exception>
    /// <exception cref="InvalidOperationException">The items have no order.</exception>
    public static void RequireDistinctInOrder<T>(IEnumerable<T> items)
    {
        var comparer = items switch
        {
            SortedSet<T> set => set.Comparer,
            ImmutableSortedSet<T> set => set.KeyComparer,
            _ => null,
        };
        if (!IsDefault(comparer))
            RequireDistinct(items, new SortedSet<T>(Order<T>()));
    }

    /// <summary>Throws an exception if two keys of a dictionary are equal for the default comparer.</summary>
    /// <exception cref="JsonException">Two keys are equal.</exception>
    public static void RequireDistinctKeys<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> entries)
        where TKey : notnull
    {
        var comparer = entries switch
        {
            Dictionary<TKey, TValue> map => map.Comparer,
            ImmutableDictionary<TKey, TValue> map => map.KeyComparer,
            FrozenDictionary<TKey, TValue> map => map.Comparer,
            _ => null,
        };
        if (!IsDefault(comparer))
            RequireDistinct(entries.Select(static entry => entry.Key), new HashSet<TKey>());
    }

    /// <summary>
    /// Throws an exception if two keys of a sorted dictionary are equal in the default order, or if the keys have no
    /// order.
    /// </summary>
    /// <exception cref="JsonException">Two keys are equal.</exception>
    /// <exception cref="InvalidOperationException">The keys have no order.</exception>
    public static void RequireDistinctKeysInOrder<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> entries)
        where TKey : notnull
    {
        var comparer = entries switch
        {
            SortedDictionary<TKey, TValue> map => map.Comparer,
            ImmutableSortedDictionary<TKey, TValue> map => map.KeyComparer,
            _ => null,
        };
        if (!IsDefault(comparer))
            RequireDistinct(entries.Select(static entry => entry.Key), new SortedSet<TKey>(Order<TKey>()));
    }

    /// <summary>
    /// Returns the comparer with which collections are read. For texts, this is the ordinal order, which is the same on
    /// every machine.
    /// </summary>
    private static IComparer<T> Order<T>() =>
        typeof(T) == typeof(string) ? (IComparer<T>)StringComparer.Ordinal : Comparer<T>.Default;

    /// <summary>
    /// Returns whether all items that are equal for the default comparer are also equal for another comparer. This is
    /// true for every <see cref="StringComparer"/>.
    /// </summary>
    private static bool IsDefault<T>(IEqualityComparer<T>? comparer) =>
        ReferenceEquals(comparer, EqualityComparer<T>.Default) || comparer is StringComparer;

    private static bool IsDefault<T>(IComparer<T>? comparer) =>
        ReferenceEquals(comparer, Comparer<T>.Default) || comparer is StringComparer;

    private static void RequireDistinct<T>(IEnumerable<T> items, ISet<T> seen)
    {
        foreach (var item in items)
        {
            if (!seen.Add(item))
            {
                throw new JsonException(
                    $"A collection contains two equal items or keys of {typeof(T).Name}, one of which would be lost "
                    + "when the collection is read. Create the collection with the default comparer.");
            }
        }
    }
}
