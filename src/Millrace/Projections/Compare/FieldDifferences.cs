using System.Text;
using System.Text.Json;

namespace Millrace;

/// <summary>Finds the fields in which two JSON documents differ.</summary>
internal static class FieldDifferences
{
    private const int MostFields = 20;
    private const int MostCharacters = 200;

    public static IReadOnlyList<FieldDifference> Between(ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after)
    {
        var (old, now) = (Flatten(before), Flatten(after));
        var found = new List<FieldDifference>();
        foreach (var path in old.Keys.Union(now.Keys))
        {
            if (old.GetValueOrDefault(path) is var was && now.GetValueOrDefault(path) is var value && was != value)
                found.Add(new FieldDifference(path, Cut(was), Cut(value)));
            if (found.Count == MostFields)
                break;
        }
        return found;
    }

    /// <summary>The values of a document by their paths, in its order.</summary>
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
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
                Add(values, path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value);
        }
        else if (element.ValueKind == JsonValueKind.Array)
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

    private static string? Cut(string? text) => text?.Length > MostCharacters ? string.Concat(text.AsSpan(0, MostCharacters), "…") : text;
}
