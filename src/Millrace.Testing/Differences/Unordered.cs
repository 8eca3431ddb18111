using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Millrace.Testing;

/// <summary>Collections that have no order: maps, by whichever interface, and sets.</summary>
internal static class Unordered
{
    private const string Trimming = "A specification runs in a test, which is not trimmed.";

    private static readonly Type[] Maps = [typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)];
    private static readonly Type[] Sets = [typeof(IReadOnlySet<>), typeof(ISet<>)];

    /// <summary>The entries of a map; null when it is none.</summary>
    public static List<KeyValuePair<object, object?>>? EntriesOf(object value)
    {
        if (value is IDictionary map)
        {
            var entries = new List<KeyValuePair<object, object?>>();
            foreach (DictionaryEntry entry in map)
                entries.Add(new(entry.Key, entry.Value));
            return entries;
        }
        return Implements(value, Maps) ? [.. ((IEnumerable)value).Cast<object>().Select(EntryOf)] : null;
    }

    /// <summary>The items of a set; null when it is none.</summary>
    public static List<object?>? ItemsOf(object value) => Implements(value, Sets) ? [.. ((IEnumerable)value).Cast<object?>()] : null;

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    private static KeyValuePair<object, object?> EntryOf(object pair)
    {
        var type = pair.GetType(); // A KeyValuePair, which has both, and whose key is never null.
        return new(type.GetProperty("Key")!.GetValue(pair)!, type.GetProperty("Value")!.GetValue(pair));
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    private static bool Implements(object value, Type[] definitions) => Array.Exists(
        value.GetType().GetInterfaces(), one => one.IsGenericType && definitions.Contains(one.GetGenericTypeDefinition()));
}
