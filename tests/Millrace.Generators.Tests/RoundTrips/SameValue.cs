using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Compares two values by reflection, without the tested code. It compares all public properties that JSON does not
/// ignore.
/// </summary>
internal static class SameValue
{
    /// <summary>Returns the first difference of two values, or null if they are equal.</summary>
    public static string? Difference(object? expected, object? actual) => Find("", expected, actual);

    private static string? Find(string path, object? expected, object? actual)
    {
        // System.Text.Json writes a nullable JsonElement that contains the JSON null as null, and so does a model.
        if (expected is JsonElement { ValueKind: JsonValueKind.Null } && actual is null)
            return null;
        if (expected is null || actual is null)
            return ReferenceEquals(expected, actual) ? null : Text(path, expected, actual);
        if (AreEqualLeaves(expected, actual) is { } isSame)
            return isSame ? null : Text(path, expected, actual);
        if (Entries(expected) is { } map)
            return Entries(actual) is { } other ? FindInMaps(path, map, other) : Text(path, expected, actual);
        if (Items(expected) is { } items)
        {
            return Items(actual) is not { } others ? Text(path, expected, actual)
                : IsSet(expected) ? FindInSets(path, items, [.. others])
                : FindInItems(path, items, others);
        }
        return expected.GetType() == actual.GetType()
            ? FindInMembers(path, expected, actual)
            : Text(path, expected, actual);
    }

    /// <summary>
    /// Returns whether two values without members or items are equal. Returns null if they have members or items.
    /// </summary>
    private static bool? AreEqualLeaves(object expected, object actual) => (expected, actual) switch
    {
        (double one, double other) => BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other),
        (float one, float other) => BitConverter.SingleToInt32Bits(one) == BitConverter.SingleToInt32Bits(other),
        (decimal one, decimal other) => one == other && one.Scale == other.Scale,
        (DateTime one, DateTime other) => one == other && one.Kind == other.Kind,
        (DateTimeOffset one, DateTimeOffset other) => one.EqualsExact(other),
        (Uri one, Uri other) => one == other && one.IsAbsoluteUri == other.IsAbsoluteUri,
        (byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other),
        (JsonElement one, JsonElement other) => JsonElement.DeepEquals(one, other),
        _ when expected.GetType() is { IsPrimitive: true } or { IsEnum: true } => expected.Equals(actual),
        (string or Guid or DateOnly or TimeOnly or TimeSpan, _) => expected.Equals(actual),
        _ => null,
    };

    private static string? FindInMembers(string path, object expected, object actual)
    {
        foreach (var property in expected.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var isSkipped = property.GetIndexParameters().Length > 0
                || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };
            var (expectedValue, actualValue) = (Value(property, expected), Value(property, actual));
            // An empty dictionary of unknown members is read back as null.
            isSkipped |=
                property.IsDefined(typeof(JsonExtensionDataAttribute))
                && expectedValue is ICollection { Count: 0 }
                && actualValue is null;
            if (!isSkipped && Find($"{path}.{property.Name}", expectedValue, actualValue) is { } difference)
                return difference;
        }
        return null;
    }

    /// <summary>Returns the value of a member. If its getter throws, returns the name of the exception.</summary>
    private static object? Value(PropertyInfo property, object of)
    {
        try
        {
            return property.GetValue(of);
        }
        catch (TargetInvocationException exception)
        {
            return exception.InnerException!.GetType().Name; // The inner exception is the one of the getter.
        }
    }

    private static string? FindInItems(string path, object?[] expected, object?[] actual)
    {
        if (expected.Length != actual.Length)
            return $"{path}: {expected.Length} items became {actual.Length}";
        for (var i = 0; i < expected.Length; i++)
        {
            if (Find($"{path}[{i}]", expected[i], actual[i]) is { } difference)
                return difference;
        }
        return null;
    }

    private static string? FindInSets(string path, object?[] expected, List<object?> actual)
    {
        if (expected.Length != actual.Count)
            return $"{path}: {expected.Length} items became {actual.Count}";
        foreach (var item in expected)
        {
            var found = actual.FindIndex(candidate => Find("", item, candidate) is null);
            if (found < 0)
                return $"{path}: {Show(item)} is missing";
            actual.RemoveAt(found);
        }
        return null;
    }

    private static string? FindInMaps(
        string path, List<(object Key, object? Value)> expected, List<(object Key, object? Value)> actual)
    {
        if (expected.Count != actual.Count)
            return $"{path}: {expected.Count} entries became {actual.Count}";
        foreach (var (key, value) in expected)
        {
            var found = actual.FindIndex(candidate => Find("", key, candidate.Key) is null);
            if (found < 0)
                return $"{path}: the key {Show(key)} is missing";
            if (Find($"{path}[{Show(key)}]", value, actual[found].Value) is { } difference)
                return difference;
            actual.RemoveAt(found);
        }
        return null;
    }

    /// <summary>
    /// Returns the items of a value, or null if it is not a collection. A default immutable array is stored as an empty
    /// one.
    /// </summary>
    private static object?[]? Items(object value) => value switch
    {
        IEnumerable when value.GetType().GetProperty("IsDefault")?.GetValue(value) is true => [],
        IEnumerable items => [.. items.Cast<object?>()],
        _ => null,
    };

    private static bool IsSet(object value) => FindInterface(value, typeof(IReadOnlySet<>)) is not null;

    private static Type? FindInterface(object value, Type generic) => Array.Find(
        value.GetType().GetInterfaces(), type => type.IsGenericType && type.GetGenericTypeDefinition() == generic);

    private static List<(object Key, object? Value)>? Entries(object value)
    {
        var map = FindInterface(value, typeof(IReadOnlyDictionary<,>));
        if (map is null)
            return null;
        var pair = typeof(KeyValuePair<,>).MakeGenericType(map.GetGenericArguments());
        var (key, item) = (pair.GetProperty("Key")!, pair.GetProperty("Value")!);
        // Keys are never null.
        return [.. ((IEnumerable)value).Cast<object>().Select(entry => (key.GetValue(entry)!, item.GetValue(entry)))];
    }

    private static string Text(string path, object? expected, object? actual) =>
        $"{path}: {Show(expected)} became {Show(actual)}";

    private static string Show(char letter) => letter is > ' ' and <= '~' ? $"{letter}" : $"\\u{(int)letter:x4}";

    private static string Show(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{string.Concat(text.Take(60).Select(Show))}\"",
            DateTime time => $"{time:O} ({time.Kind})",
            JsonElement element =>
                $"JSON {(element.ValueKind == JsonValueKind.Undefined ? "undefined" : element.GetRawText())}",
            Uri link => $"{(link.IsAbsoluteUri ? "absolute" : "relative")} <{link.OriginalString}>",
            IFormattable formattable =>
                formattable.ToString(value is DateTimeOffset ? "O" : null, CultureInfo.InvariantCulture)
                + $" ({value.GetType().Name})",
            _ => $"{value} ({value.GetType().Name})",
        };
}
