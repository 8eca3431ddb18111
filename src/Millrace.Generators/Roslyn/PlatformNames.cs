using System.Text;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// Expands the short names of types in generated code to full names. A type or namespace of the application may have
/// the same short name, and the compiler would use it instead.
/// </summary>
internal static class PlatformNames
{
    private const string Json = "global::System.Text.Json.";
    private const string Serialization = Json + "Serialization.";
    private const string Metadata = Serialization + "Metadata.";
    private const string Millrace = "global::Millrace.Serialization.";

    private static readonly Dictionary<string, string> Namespaces = new(StringComparer.Ordinal)
    {
        ["JsonElement"] = Json,
        ["JsonEncodedText"] = Json,
        ["JsonNamingPolicy"] = Json,
        ["JsonSerializerOptions"] = Json,
        ["JsonTokenType"] = Json,
        ["Utf8JsonReader"] = Json,
        ["Utf8JsonWriter"] = Json,
        ["JsonConverter"] = Serialization,
        ["JsonIgnoreCondition"] = Serialization,
        ["IJsonTypeInfoResolver"] = Metadata,
        ["JsonMetadataServices"] = Metadata,
        ["JsonTypeInfo"] = Metadata,
        ["CborNames"] = Millrace,
        ["CborRead"] = Millrace,
        ["CborReader"] = Millrace,
        ["CborWrite"] = Millrace,
        ["CborWriter"] = Millrace,
        ["CollectionWrite"] = Millrace,
        ["ItemBuffer"] = Millrace,
        ["JsonRead"] = Millrace,
        ["JsonWrite"] = Millrace,
        ["MemberNames"] = Millrace,
        ["TypeDiscriminators"] = Millrace,
    };

    public static bool Contains(string name) => Namespaces.ContainsKey(name);

    /// <summary>
    /// Expands each short name in a line of code, except in strings and comments. Names of members are not expanded.
    /// </summary>
    public static string Qualify(string line)
    {
        StringBuilder? written = null;
        var copied = 0;
        var position = 0;
        while (position < line.Length)
        {
            if (IsComment(line, position))
                break;
            if (line[position] is '"' or '\'')
            {
                position = EndOfText(line, position);
                continue;
            }
            if (!IsWordPart(line[position]))
            {
                position++;
                continue;
            }
            var start = position;
            while (position < line.Length && IsWordPart(line[position]))
                position++;
            if (!Namespaces.TryGetValue(line.Substring(start, position - start), out var name)
                || !IsReference(line, start, position))
                continue;
            written = (written ?? new StringBuilder()).Append(line, copied, start - copied).Append(name);
            copied = start;
        }
        return written is null ? line : written.Append(line, copied, line.Length - copied).ToString();
    }

    private static bool IsComment(string line, int position) =>
        line[position] == '/' && position + 1 < line.Length && line[position + 1] == '/';

    private static bool IsWordPart(char letter) => letter is '_' or '@' || char.IsLetterOrDigit(letter) || letter > 127;

    private static int EndOfText(string line, int start)
    {
        var position = start + 1;
        while (position < line.Length && line[position] != line[start])
            position += line[position] == '\\' ? 2 : 1;
        return position + 1;
    }

    /// <summary>
    /// Returns true if a word refers to a type: it is not part of a longer name, a declaration, an initializer or a
    /// label.
    /// </summary>
    private static bool IsReference(string line, int start, int end)
    {
        var before = line.Substring(0, start);
        if (before.Length > 0
            && before[before.Length - 1] is '.' or ':'
            && !before.EndsWith(" :", StringComparison.Ordinal))
            return false;
        if (before.EndsWith("class ", StringComparison.Ordinal))
            return false;
        var after = line.Substring(end).TrimStart();
        return !(after.StartsWith(":", StringComparison.Ordinal) && !after.StartsWith("::", StringComparison.Ordinal))
            && !(after.StartsWith("=", StringComparison.Ordinal) && !after.StartsWith("=>", StringComparison.Ordinal));
    }
}
