using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// What generated code checks sets and dictionaries with before it writes them: those that are read have the default
/// comparer, and would lose items that the comparer of the written one holds apart.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class CollectionWrite
{
    /// <summary>Refuses a set of which two items are equal by default.</summary>
    /// <exception cref="JsonException">Two are.</exception>
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

    /// <summary>Refuses a sorted set of which two items are equal in the default order, or have none.</summary>
    /// <exception cref="JsonException">Two are.</exception>
    /// <exception cref="InvalidOperationException">They have no order.</exception>
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

    /// <summary>Refuses a dictionary of which two keys are equal by default.</summary>
    /// <exception cref="JsonException">Two are.</exception>
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

    /// <summary>Refuses a sorted dictionary of which two keys are equal in the default order, or have none.</summary>
    /// <exception cref="JsonException">Two are.</exception>
    /// <exception cref="InvalidOperationException">They have no order.</exception>
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

    /// <summary>The order of what is read: of texts the ordinal one, which is the same on every machine.</summary>
    private static IComparer<T> Order<T>() =>
        typeof(T) == typeof(string) ? (IComparer<T>)StringComparer.Ordinal : Comparer<T>.Default;

    /// <summary>Whether a comparer holds nothing apart that is equal by default, as no <see cref="StringComparer"/>
    /// does.</summary>
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
                    $"A collection holds two equal items or keys of {typeof(T).Name}, one of which would be lost when "
                        + $"it is read. "
                    + "Make it with the default comparer.");
            }
        }
    }
}
