using System.Text.Json;
using System.Text.Unicode;

namespace Millrace.Serialization;

/// <summary>
/// Converts JSON to CBOR. Texts remain texts, whole numbers remain whole numbers, and all other numbers become decimal
/// fractions with the same digits.
/// </summary>
internal static class JsonToCbor
{
    /// <summary>Writes one JSON value.</summary>
    /// <exception cref="JsonException">The text is not JSON, or contains a name twice or text that is not
    /// UTF-8.</exception>
    public static void Write(ref CborWriter writer, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Write(ref writer, ref reader);
        if (reader.Read())
            throw new JsonException("Data follows the JSON value.");
    }

    private static void Write(ref CborWriter writer, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref writer, ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref writer, ref reader);
                break;
            case JsonTokenType.String:
                WriteText(ref writer, ref reader);
                break;
            case JsonTokenType.Number:
                CborNumber.WriteCbor(ref writer, reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBoolean(reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Null:
                writer.WriteNull();
                break;
            default:
                throw new JsonException("There is no JSON value.");
        }
    }

    private static void WriteObject(ref CborWriter writer, ref Utf8JsonReader reader)
    {
        var start = writer.StartContainer();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            if (!names.Add(name))
                throw new JsonException($"An object contains the member '{JsonRead.Shorten(name)}' twice.");
            writer.WriteText(name);
            reader.Read();
            Write(ref writer, ref reader);
        }
        writer.EndMap(start, names.Count);
    }

    private static void WriteArray(ref CborWriter writer, ref Utf8JsonReader reader)
    {
        var start = writer.StartContainer();
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Write(ref writer, ref reader);
            count++;
        }
        writer.EndArray(start, count);
    }

    private static void WriteText(ref CborWriter writer, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped && Utf8.IsValid(reader.ValueSpan))
            writer.WriteText(reader.ValueSpan);
        else
            writer.WriteText(Text(ref reader));
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!; // A text is never null.
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text is not UTF-8, or contains half of a surrogate pair.", exception);
        }
    }
}
