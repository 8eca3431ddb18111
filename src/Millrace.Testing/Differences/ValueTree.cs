using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Differences;

/// <summary>
/// Converts a value to JSON for display, by the model's metadata if available, otherwise by its public members. Only
/// <see cref="ValueComparison"/> decides whether two values are equal, unless both are JSON.
/// </summary>
internal static class ValueTree
{
    private const int MaxLevels = 8;

    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonNode? Of(object? value, JsonSerializerOptions? json = null) => Of(value, json, 0);

    public static JsonNode? Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        return JsonNode.Parse(ref reader);
    }

    /// <summary>Returns the JSON on one line, without escaped letters.</summary>
    public static string Text(JsonNode? node)
    {
        if (node is null)
            return "null";
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
            node.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>
    /// Returns a value as the model writes it, or null if the model cannot write it, for example an unset id.
    /// </summary>
    public static JsonNode? WriteWithModel(object value, JsonSerializerOptions? json)
    {
        if (json is null || !json.TryGetTypeInfo(value.GetType(), out var info))
            return null;
        try
        {
            return JsonSerializer.SerializeToNode(value, info);
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException or MillraceException)
        {
            return null;
        }
    }

    /// <summary>Returns the JSON member name for the key of a map.</summary>
    public static string KeyText(object? key, JsonSerializerOptions? json)
    {
        var tree = Of(key, json);
        return tree is JsonValue one && one.TryGetValue<string>(out var text) ? text : Text(tree);
    }

    private static JsonNode? Of(object? value, JsonSerializerOptions? json, int level)
    {
        if (value is null)
            return null;
        if (WriteWithModel(value, json) is { } written)
            return written;
        return value switch
        {
            JsonNode node => node.DeepClone(),
            JsonElement element => Parse(Encoding.UTF8.GetBytes(element.GetRawText())),
            string text => JsonValue.Create(text),
            bool flag => JsonValue.Create(flag),
            byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Number(
                (IFormattable)value),
            DateTime or DateTimeOffset or DateOnly or TimeOnly => Text(
                ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)),
            IFormattable formattable => Text(formattable.ToString(null, CultureInfo.InvariantCulture)),
            ITuple tuple => Items(tuple, json, level),
            IEnumerable map when UnorderedCollections.EntriesOf(map) is { } entries => Map(entries, json, level),
            Array { Rank: > 1 } array => List(ArrayRanks.RowsOf(array), json, level),
            IEnumerable items => List(items, json, level),
            _ => Members(value, json, level),
        };
    }

    private static JsonValue Text(string text) => JsonValue.Create(text);

    private static JsonNode? Number(IFormattable number)
    {
        var text = number.ToString(null, CultureInfo.InvariantCulture);
        // NaN and infinity are not JSON numbers.
        return char.IsAsciiDigit(text[^1]) ? JsonNode.Parse(text) : Text(text);
    }

    private static JsonObject Items(ITuple tuple, JsonSerializerOptions? json, int level)
    {
        var tree = new JsonObject();
        for (var i = 0; i < tuple.Length; i++)
            tree[string.Create(CultureInfo.InvariantCulture, $"item{i + 1}")] = Of(tuple[i], json, level + 1);
        return tree;
    }

    private static JsonObject Map(List<KeyValuePair<object?, object?>> entries, JsonSerializerOptions? json, int level)
    {
        var tree = new JsonObject();
        foreach (var (key, value) in entries)
            tree[KeyText(key, json)] = Of(value, json, level + 1);
        return tree;
    }

    private static JsonArray List(IEnumerable items, JsonSerializerOptions? json, int level)
    {
        var tree = new JsonArray();
        foreach (var item in items)
            tree.Add(Of(item, json, level + 1));
        return tree;
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2075",
        Justification = "Where members were trimmed away, the value is compared and shown by its text.")]
    private static JsonNode Members(object value, JsonSerializerOptions? json, int level)
    {
        var tree = new JsonObject();
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (level < MaxLevels
                && property is { CanRead: true, PropertyType: { IsByRefLike: false, IsPointer: false } }
                && property.GetIndexParameters().Length == 0)
                tree[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = Of(
                    Read(property, value), json, level + 1);
        }
        foreach (var field in value.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (level < MaxLevels && !field.FieldType.IsPointer)
                tree[JsonNamingPolicy.CamelCase.ConvertName(field.Name)] = Of(field.GetValue(value), json, level + 1);
        }
        return tree.Count == 0 || HasParsableText(value) ? Text(value.ToString() ?? "") : tree;
    }

    private static object? Read(PropertyInfo property, object value)
    {
        try
        {
            return property.GetValue(value);
        }
        catch (TargetInvocationException exception)
        {
            return $"({exception.InnerException?.GetType().Name})";
        }
    }

    /// <summary>Returns true for ids and value types that can be parsed from their text.</summary>
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2075",
        Justification = "Where interfaces were trimmed away, the value is shown by its members.")]
    private static bool HasParsableText(object value) =>
        Array.Exists(
            value.GetType().GetInterfaces(),
            one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IParsable<>));
}
