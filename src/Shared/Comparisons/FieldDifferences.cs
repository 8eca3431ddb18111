using System.Text;
using System.Text.Json;

namespace Millrace.Shared.Comparisons;

/// <summary>Finds the fields in which two JSON documents differ.</summary>
internal static class FieldDifferences
{
    private const int MaxFields = 20;
    private const int MaxCharacters = 200;

    public static IReadOnlyList<FieldDifference> Between(ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after) =>
        Between(before, after, out _);

    /// <summary>
    /// Returns the first twenty fields that differ, and the count of all. Paths have the format of
    /// <see cref="MemberPath"/>.
    /// </summary>
    public static IReadOnlyList<FieldDifference> Between(
        ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after, out int count)
    {
        var oldValues = Flatten(before);
        var newValues = Flatten(after);
        var found = new List<FieldDifference>();
        count = 0;
        foreach (var path in oldValues.Keys.Union(newValues.Keys))
        {
            var oldValue = oldValues.GetValueOrDefault(path);
            var newValue = newValues.GetValueOrDefault(path);
            if (oldValue == newValue || IsFilled(path, oldValue, newValues) || IsFilled(path, newValue, oldValues))
                continue;
            if (count++ < MaxFields)
                found.Add(new FieldDifference(path, Cut(oldValue), Cut(newValue)));
        }
        return found;
    }

    /// <summary>
    /// Returns true if an empty value of one document is an object or list with fields in the other document.
    /// </summary>
    private static bool IsFilled(string path, string? value, Dictionary<string, string> other) =>
        value is "{}" or "[]" && !other.ContainsKey(path)
        && other.Keys.Any(otherPath => otherPath.Length > path.Length
            && otherPath.StartsWith(path, StringComparison.Ordinal)
            && (path.Length == 0 || otherPath[path.Length] is '.' or '['));

    /// <summary>Returns the values of a document by their paths, in the order of the document.</summary>
    private static Dictionary<string, string> Flatten(ReadOnlyMemory<byte>? body)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body is not { } bytes)
            return values;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            Add(values, "", document.RootElement);
        }
        catch (JsonException)
        {
            values[""] = Encoding.UTF8.GetString(bytes.Span);
        }
        return values;
    }

    private static void Add(Dictionary<string, string> values, string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object && element.GetPropertyCount() > 0)
        {
            foreach (var member in element.EnumerateObject())
                Add(values, path + MemberPath.StepText(member.Name, isFirst: path.Length == 0), member.Value);
        }
        else if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
                Add(values, $"{path}[{index++}]", item);
        }
        else
        {
            values[path] = element.GetRawText();
        }
    }

    private static string? Cut(string? text) =>
        text?.Length > MaxCharacters ? string.Concat(text.AsSpan(0, MaxCharacters), "…") : text;
}
