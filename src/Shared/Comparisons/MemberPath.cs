using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Shared.Comparisons;

/// <summary>The path of a value in a JSON document, such as <c>lines[2].price</c> or <c>prices["en.GB"]</c>.</summary>
internal sealed class MemberPath
{
    private const int MaxDepth = 512;
    private const int MaxSteps = 64;

    private readonly IReadOnlyList<(string? Name, int Index)> _steps;

    private MemberPath(string text, IReadOnlyList<(string? Name, int Index)> steps) => (Text, _steps) = (text, steps);

    /// <summary>Gets the text of the path.</summary>
    public string Text { get; }

    /// <summary>Gets the steps of the path. A step is a name, or null and an index.</summary>
    public IReadOnlyList<(string? Name, int Index)> Steps => _steps;

    /// <summary>Parses a path. Returns null if it is not valid.</summary>
    public static MemberPath? TryParse(string text)
    {
        var steps = new List<(string? Name, int Index)>();
        var position = 0;
        while (position < text.Length && steps.Count < MaxSteps)
        {
            if (text[position] == '[')
            {
                var end = EndOfBracket(text, position);
                if (end < 0 || StepIn(text[(position + 1)..end]) is not { } step)
                    return null;
                steps.Add(step);
                position = end + 1;
                continue;
            }
            if (text[position] == '.' && position > 0)
                position++;
            else if (position > 0)
                return null;
            var next = text.AsSpan(position).IndexOfAny('.', '[');
            var name = next < 0 ? text[position..] : text.Substring(position, next);
            if (name.Length == 0)
                return null;
            steps.Add((name, 0));
            position += name.Length;
        }
        return position == text.Length && steps.Count > 0 ? new MemberPath(text, steps) : null;
    }

    /// <summary>Parses a path.</summary>
    /// <exception cref="InvalidNameException">The path is not valid.</exception>
    public static MemberPath Parse(string text) => TryParse(text) ?? throw new InvalidNameException(
        "path of a member", text, "write it as 'total', 'lines[2].price' or 'prices[\"en.GB\"]'");

    /// <summary>Returns a member as a step of a path, such as <c>.total</c> or <c>["en.GB"]</c>.</summary>
    public static string StepText(string name, bool isFirst) =>
        name.Length == 0 || name.AsSpan().ContainsAny('.', '[') ? $"[\"{JsonEncodedText.Encode(name)}\"]"
        : isFirst ? name
        : "." + name;

    /// <summary>Finds the bytes of the value in a document. Returns false if there is no value.</summary>
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

    /// <summary>
    /// Returns the member names at the first step that does not exist, to suggest a correction.
    /// </summary>
    public IReadOnlyList<string> NamesNearby(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        foreach (var (name, index) in _steps)
        {
            var parent = reader;
            if (!(name is null ? MoveToItem(ref reader, index) : MoveToMember(ref reader, name)))
                return NamesAt(parent);
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
            var isMatch = reader.ValueTextEquals(name);
            reader.Read();
            if (isMatch)
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

    /// <summary>Returns the end of a bracket. A quoted name may contain brackets.</summary>
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
