using System.Text;
using System.Text.Json;

namespace Millrace.Cli.Output;

/// <summary>Indents JSON without any other change. Repeated names, digits and escapes remain unchanged.</summary>
internal static class PrettyJson
{
    private const int Indent = 2;

    /// <summary>Returns the indented text of a well-formed JSON value.</summary>
    public static string Of(ReadOnlySpan<byte> json, int maxDepth)
    {
        var text = new StringBuilder(json.Length * 2);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        var previous = JsonTokenType.None;
        while (reader.Read())
        {
            if (StartsNewLine(previous, reader.TokenType))
                text.Append(IsEnd(reader.TokenType) || IsStart(previous) ? "" : ",")
                    .Append('\n')
                    .Append(' ', reader.CurrentDepth * Indent);
            Append(text, ref reader);
            previous = reader.TokenType;
        }
        return text.ToString();
    }

    /// <summary>
    /// Returns true for a token that starts a new line. The first token, a member's value and the end of an empty
    /// container do not start a line.
    /// </summary>
    private static bool StartsNewLine(JsonTokenType previous, JsonTokenType token) =>
        previous is not (JsonTokenType.None or JsonTokenType.PropertyName) && !(IsStart(previous) && IsEnd(token));

    private static bool IsStart(JsonTokenType token) => token is JsonTokenType.StartObject or JsonTokenType.StartArray;

    private static bool IsEnd(JsonTokenType token) => token is JsonTokenType.EndObject or JsonTokenType.EndArray;

    private static void Append(StringBuilder text, ref Utf8JsonReader reader)
    {
        var source = Encoding.UTF8.GetString(reader.ValueSpan);
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName: text.Append('"').Append(source).Append("\": "); break;
            case JsonTokenType.String: text.Append('"').Append(source).Append('"'); break;
            default: text.Append(source); break;
        }
    }
}
