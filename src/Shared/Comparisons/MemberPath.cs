using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace;

/// <summary>Where a value stands in a JSON document: <c>lines[2].price</c>, <c>prices["en.GB"]</c>.</summary>
internal sealed class MemberPath
{
    private const int MaxDepth = 512;
    private const int MaxSteps = 64;

    private readonly IReadOnlyList<(string? Name, int Index)> _steps;

    private MemberPath(string text, IReadOnlyList<(string? Name, int Index)> steps) => (Text, _steps) = (text, steps);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The names and indexes on the way: a name, or null and an index.</summary>
    public IReadOnlyList<(string? Name, int Index)> Steps => _steps;

    /// <summary>Reads a path; null when it is not one.</summary>
    public static MemberPath? TryParse(string text)
    {
        var (steps, at) = (new List<(string? Name, int Index)>(), 0);
        while (at < text.Length && steps.Count < MaxSteps)
        {
            if (text[at] == '[')
            {
                var end = EndOfBracket(text, at);
                if (end < 0 || StepIn(text[(at + 1)..end]) is not { } step)
                    return null;
                steps.Add(step);
                at = end + 1;
                continue;
            }
            if (text[at] == '.' && at > 0)
                at++;
            else if (at > 0)
                return null;
            var next = text.AsSpan(at).IndexOfAny('.', '[');
            var name = next < 0 ? text[at..] : text.Substring(at, next);
            if (name.Length == 0)
                return null;
            steps.Add((name, 0));
            at += name.Length;
        }
        return at == text.Length && steps.Count > 0 ? new MemberPath(text, steps) : null;
    }

    /// <summary>Reads a path.</summary>
    /// <exception cref="InvalidNameException">It is not one.</exception>
    public static MemberPath Parse(string text) => TryParse(text) ?? throw new InvalidNameException(
        "path of a member", text, "write it as 'total', 'lines[2].price' or 'prices[\"en.GB\"]'");

    /// <summary>A member as a step of a path: <c>.total</c>, <c>["en.GB"]</c>.</summary>
    public static string StepText(string name, bool isFirst) =>
        name.Length == 0 || name.AsSpan().ContainsAny('.', '[') ? $"[\"{JsonEncodedText.Encode(name)}\"]"
        : isFirst ? name
        : "." + name;

    /// <summary>The bytes of the value in a document; false when nothing stands there.</summary>
    public bool TryFind(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        value = default;
        if (!reader.Read())
            return false;
        foreach (var (name, index) in _steps)
        {
            if (!(name is null ? MoveToItem(ref reader, index) : MoveToMember(ref reader, name)))
                return false;
        }
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        value = json[start..(int)reader.BytesConsumed];
        return true;
    }

    /// <summary>The names of the members where the path leaves the document, for who misspelled one.</summary>
    public IReadOnlyList<string> NamesNearby(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        foreach (var (name, index) in _steps)
        {
            var before = reader;
            if (!(name is null ? MoveToItem(ref reader, index) : MoveToMember(ref reader, name)))
                return NamesAt(before);
        }
        return [];
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static List<string> NamesAt(Utf8JsonReader reader)
    {
        var names = new List<string>();
        if (reader.TokenType != JsonTokenType.StartObject)
            return names;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(reader.GetString()!); // The name of a property is never null.
            reader.Read();
            reader.Skip();
        }
        return names;
    }

    private static bool MoveToMember(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
                return true;
            reader.Skip();
        }
        return false;
    }

    private static bool MoveToItem(ref Utf8JsonReader reader, int index)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
                return true;
            reader.Skip();
        }
        return false;
    }

    /// <summary>Where a bracket ends: a quoted name may hold brackets itself.</summary>
    private static int EndOfBracket(string text, int start)
    {
        if (start + 1 >= text.Length || text[start + 1] != '"')
            return text.IndexOf(']', start);
        for (var i = start + 2; i < text.Length - 1; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return text[i + 1] == ']' ? i + 1 : -1;
        }
        return -1;
    }

    private static (string? Name, int Index)? StepIn(string inside)
    {
        if (!inside.StartsWith('"'))
            return int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? (null, index)
                : null;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(inside));
            return reader.Read() ? (reader.GetString(), 0) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
