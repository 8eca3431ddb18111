using System.Collections.Immutable;
using System.Reflection;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates collections of types that are known only at run time.</summary>
internal static class Collections
{
    private const BindingFlags PrivateStatic = BindingFlags.NonPublic | BindingFlags.Static;

    public static bool IsList(Type type) => type.IsArray || IsCollection(type, 1);

    public static bool IsMap(Type type) => IsCollection(type, 2);

    private static bool IsCollection(Type type, int arguments) =>
        type.IsGenericType
        && type.GetGenericArguments().Length == arguments
        && typeof(System.Collections.IEnumerable).IsAssignableFrom(type);

    public static object List(Type type, IReadOnlyList<object?> items)
    {
        var item = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
        var array = Array.CreateInstance(item, items.Count);
        for (var index = 0; index < items.Count; index++)
            array.SetValue(items[index], index);
        var name = type.IsArray ? "" : type.Name;
        return typeof(Collections).GetMethod(nameof(ListOf), PrivateStatic)!.MakeGenericMethod(item)
            .Invoke(null, [name, array])!;
    }

    public static object Map(Type type, IReadOnlyList<(object Key, object? Value)> pairs)
    {
        var arguments = type.GetGenericArguments();
        return typeof(Collections).GetMethod(nameof(MapOf), PrivateStatic)!.MakeGenericMethod(arguments)
            .Invoke(null, [type.Name, pairs])!;
    }

    private static object ListOf<T>(string name, T[] items) => name switch
    {
        "" or "IEnumerable`1" or "IReadOnlyCollection`1" => items,
        "List`1" or "IList`1" or "ICollection`1" or "IReadOnlyList`1" => items.ToList(),
        "HashSet`1" or "ISet`1" or "IReadOnlySet`1" => items.ToHashSet(),
        "SortedSet`1" => new SortedSet<T>(items),
        "ImmutableArray`1" => ImmutableArray.Create(items),
        "ImmutableList`1" => ImmutableList.Create(items),
        "ImmutableHashSet`1" => ImmutableHashSet.Create(items),
        "ImmutableSortedSet`1" => ImmutableSortedSet.Create(items),
        _ => throw new NotSupportedException(name),
    };

    private static object MapOf<TKey, TValue>(string name, IReadOnlyList<(object Key, object? Value)> pairs)
        where TKey : notnull
    {
        var map = new Dictionary<TKey, TValue>();
        foreach (var (key, value) in pairs)
            map[(TKey)key] = (TValue)value!;
        return name switch
        {
            "Dictionary`2" or "IDictionary`2" or "IReadOnlyDictionary`2" => map,
            "SortedDictionary`2" => new SortedDictionary<TKey, TValue>(map),
            "ImmutableDictionary`2" => map.ToImmutableDictionary(),
            "ImmutableSortedDictionary`2" => map.ToImmutableSortedDictionary(),
            _ => throw new NotSupportedException(name),
        };
    }
}
