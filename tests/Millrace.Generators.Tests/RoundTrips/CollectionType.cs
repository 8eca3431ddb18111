using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Creates values of a declared collection type. A value can be an instance of one of several classes, with one of
/// several comparers.
/// </summary>
internal abstract class CollectionType
{
    /// <summary>The value has the usual class of the declared type and its default comparer.</summary>
    public const int Standard = 0;

    /// <summary>The value has another class or comparer, but the same items.</summary>
    public const int Alternative = 1;

    /// <summary>The value has a comparer for which no items are equal, so that it can contain duplicates.</summary>
    public const int WithDuplicates = 2;

    public static int[] Variants(bool isHostile) =>
        isHostile ? [Standard, Standard, Standard, Alternative, Alternative, WithDuplicates] : [Standard, Alternative];

    public abstract object OfItems(object?[] items, int variant);

    public abstract object OfPairs(object[] keys, object?[] values, int variant);
}

/// <summary>Lists the collection types that a model can have.</summary>
internal static class CollectionTypes
{
    private static readonly Dictionary<Type, Type> Makers = new()
    {
        [typeof(List<>)] = typeof(Lists<>),
        [typeof(IList<>)] = typeof(Lists<>),
        [typeof(ICollection<>)] = typeof(Lists<>),
        [typeof(IReadOnlyList<>)] = typeof(ReadOnlyLists<>),
        [typeof(IReadOnlyCollection<>)] = typeof(ReadOnlyLists<>),
        [typeof(IEnumerable<>)] = typeof(ReadOnlyLists<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrays<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableLists<>),
        [typeof(HashSet<>)] = typeof(HashSets<>),
        [typeof(ISet<>)] = typeof(HashSets<>),
        [typeof(IReadOnlySet<>)] = typeof(ReadOnlySets<>),
        [typeof(SortedSet<>)] = typeof(SortedSets<>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSets<>),
        [typeof(ImmutableSortedSet<>)] = typeof(ImmutableSortedSets<>),
        [typeof(Dictionary<,>)] = typeof(Dictionaries<,>),
        [typeof(IDictionary<,>)] = typeof(Dictionaries<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaries<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaries<,>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaries<,>),
        [typeof(ImmutableSortedDictionary<,>)] = typeof(ImmutableSortedDictionaries<,>),
    };

    public static CollectionType? Find(Type type) => Makers.TryGetValue(type.GetGenericTypeDefinition(), out var found)
        ? (CollectionType)Activator.CreateInstance(found.MakeGenericType(type.GetGenericArguments()))!
        : null;

    private abstract class Of<T> : CollectionType
    {
        public override object OfItems(object?[] items, int variant) =>
            Make([.. items.Select(item => (T)item!)], variant);

        public override object OfPairs(object[] keys, object?[] values, int variant) =>
            throw new NotSupportedException();

        protected abstract object Make(T[] items, int variant);
    }

    private abstract class Of<TKey, TValue> : CollectionType
        where TKey : notnull
    {
        public override object OfItems(object?[] items, int variant) => throw new NotSupportedException();

        public override object OfPairs(object[] keys, object?[] values, int variant) =>
            Make([.. keys.Zip(values, (key, value) => KeyValuePair.Create((TKey)key, (TValue)value!))], variant);

        protected abstract object Make(KeyValuePair<TKey, TValue>[] pairs, int variant);

        /// <summary>Returns a dictionary of the pairs. Of pairs with equal keys, it contains the last.</summary>
        protected static Dictionary<TKey, TValue> Different(
            KeyValuePair<TKey, TValue>[] pairs, IEqualityComparer<TKey>? comparer)
        {
            var map = new Dictionary<TKey, TValue>(comparer);
            foreach (var (key, value) in pairs)
                map[key] = value;
            return map;
        }
    }

    private sealed class Lists<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => new List<T>(items);
    }

    private sealed class ReadOnlyLists<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) =>
            variant == Standard ? items : new ReadOnlyCollection<T>(items);
    }

    private sealed class ImmutableArrays<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => ImmutableArray.Create(items);
    }

    private sealed class ImmutableLists<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => ImmutableList.Create(items);
    }

    private sealed class HashSets<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => variant == WithDuplicates
            ? new HashSet<T>([.. items, .. items], new DistinctComparer<T>())
            : new HashSet<T>(items);
    }

    private sealed class ReadOnlySets<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => variant switch
        {
            WithDuplicates => ImmutableHashSet.CreateRange(new DistinctComparer<T>(), [.. items, .. items]),
            Alternative => items.ToFrozenSet(),
            _ => new HashSet<T>(items),
        };
    }

    private sealed class SortedSets<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => new SortedSet<T>(items, OrderOf<T>(variant));
    }

    private sealed class ImmutableHashSets<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) => variant == WithDuplicates
            ? ImmutableHashSet.CreateRange(new DistinctComparer<T>(), [.. items, .. items])
            : ImmutableHashSet.CreateRange(items);
    }

    private sealed class ImmutableSortedSets<T> : Of<T>
    {
        protected override object Make(T[] items, int variant) =>
            ImmutableSortedSet.CreateRange(OrderOf<T>(variant), items);
    }

    private sealed class Dictionaries<TKey, TValue> : Of<TKey, TValue>
        where TKey : notnull
    {
        protected override object Make(KeyValuePair<TKey, TValue>[] pairs, int variant) => variant == WithDuplicates
            ? Different([.. pairs, .. pairs], new DistinctComparer<TKey>())
            : Different(pairs, null);
    }

    private sealed class ReadOnlyDictionaries<TKey, TValue> : Of<TKey, TValue>
        where TKey : notnull
    {
        protected override object Make(KeyValuePair<TKey, TValue>[] pairs, int variant) => variant switch
        {
            WithDuplicates => Different([.. pairs, .. pairs], new DistinctComparer<TKey>()),
            Alternative => Different(pairs, null).ToFrozenDictionary(),
            _ => Different(pairs, null),
        };
    }

    private sealed class SortedDictionaries<TKey, TValue> : Of<TKey, TValue>
        where TKey : notnull
    {
        protected override object Make(KeyValuePair<TKey, TValue>[] pairs, int variant)
        {
            var map = new SortedDictionary<TKey, TValue>(OrderOf<TKey>(variant));
            foreach (var (key, value) in pairs)
                map[key] = value;
            return map;
        }
    }

    private sealed class ImmutableDictionaries<TKey, TValue> : Of<TKey, TValue>
        where TKey : notnull
    {
        protected override object Make(KeyValuePair<TKey, TValue>[] pairs, int variant) => variant == WithDuplicates
            ? ImmutableDictionary.CreateRange(new DistinctComparer<TKey>(), [.. pairs, .. pairs])
            : Different(pairs, null).ToImmutableDictionary();
    }

    private sealed class ImmutableSortedDictionaries<TKey, TValue> : Of<TKey, TValue>
        where TKey : notnull
    {
        protected override object Make(KeyValuePair<TKey, TValue>[] pairs, int variant)
        {
            var map = ImmutableSortedDictionary.Create<TKey, TValue>(OrderOf<TKey>(variant));
            foreach (var (key, value) in pairs)
                map = map.SetItem(key, value);
            return map;
        }
    }

    /// <summary>
    /// Returns the order of sorted collections. Except for <see cref="CollectionType.Standard"/>, strings have ordinal
    /// order. The default comparer depends on the culture, and treats "a" and "a" with a soft hyphen as equal.
    /// </summary>
    private static IComparer<T> OrderOf<T>(int variant) =>
        variant != CollectionType.Standard && typeof(T) == typeof(string)
            ? (IComparer<T>)StringComparer.Ordinal
            : Comparer<T>.Default;

    /// <summary>Treats all values as different, even a value and itself.</summary>
    private sealed class DistinctComparer<T> : IEqualityComparer<T>
    {
        public bool Equals(T? one, T? other) => false;

        public int GetHashCode(T value) => 0;
    }
}
