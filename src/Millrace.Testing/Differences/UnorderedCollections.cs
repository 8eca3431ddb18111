using System.Collections;
using System.Collections.Specialized;
using System.Diagnostics.CodeAnalysis;

namespace Millrace.Testing.Differences;

/// <summary>
/// Recognizes collections without an order: maps, groups, lookups and sets, by any of their interfaces.
/// </summary>
internal static class UnorderedCollections
{
    private const string Trimming = "A specification runs in a test, which is not trimmed.";

    private static readonly Type[] Maps = [typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)];
    private static readonly Type[] Groups = [typeof(IGrouping<,>)];
    private static readonly Type[] Lookups = [typeof(ILookup<,>)];
    private static readonly Type[] Sets = [typeof(IReadOnlySet<>), typeof(ISet<>)];

    /// <summary>
    /// Returns the entries of a map, or null if the value is not a map. In lookups and name collections, the values are
    /// lists. A group has a single entry.
    /// </summary>
    public static List<KeyValuePair<object?, object?>>? EntriesOf(object value)
    {
        if (value is IDictionary map)
        {
            var entries = new List<KeyValuePair<object?, object?>>();
            foreach (DictionaryEntry entry in map)
                entries.Add(new(entry.Key, entry.Value));
            return entries;
        }
        if (value is NameValueCollection names)
            return [.. names.AllKeys.Select(name => new KeyValuePair<object?, object?>(name, names.GetValues(name)))];
        if (Implements(value, Groups))
            return [GroupOf(value)];
        if (Implements(value, Lookups))
            return [.. ((IEnumerable)value).Cast<object>().Select(GroupOf)];
        return Implements(value, Maps) ? [.. ((IEnumerable)value).Cast<object>().Select(EntryOf)] : null;
    }

    /// <summary>
    /// Returns true if enumerating the collection returns its whole content. Name collections omit the values, and
    /// groups omit the key.
    /// </summary>
    public static bool HoldsItemsOnly(object value) =>
        value is not NameObjectCollectionBase && !Implements(value, Groups);

    /// <summary>Returns the items of a set, or null if the value is not a set.</summary>
    public static List<object?>? ItemsOf(object value) =>
        Implements(value, Sets) ? [.. ((IEnumerable)value).Cast<object?>()] : null;

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    private static KeyValuePair<object?, object?> EntryOf(object pair)
    {
        var type = pair.GetType(); // The value is a KeyValuePair, which has both properties.
        return new(type.GetProperty("Key")!.GetValue(pair), type.GetProperty("Value")!.GetValue(pair));
    }

    private static KeyValuePair<object?, object?> GroupOf(object group)
    {
        var key = Find(group, Groups)!.GetProperty("Key")!; // Every group has a key.
        return new(key.GetValue(group), ((IEnumerable)group).Cast<object?>().ToArray());
    }

    private static bool Implements(object value, Type[] definitions) => Find(value, definitions) is not null;

    [UnconditionalSuppressMessage("Trimming", "IL2073", Justification = Trimming)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
    private static Type? Find(object value, Type[] definitions) =>
        Array.Find(
            value.GetType().GetInterfaces(),
            one => one.IsGenericType && definitions.Contains(one.GetGenericTypeDefinition()));
}
