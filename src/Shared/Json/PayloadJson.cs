using System.Text.Json;
using System.Text.Unicode;

namespace Millrace.Answers;

/// <summary>Stored bytes inside an answer: JSON as it stands, anything else in base 64.</summary>
internal static class PayloadJson
{
    /// <summary>The deepest JSON that is taken for JSON.</summary>
    public const int MaxDepth = 512;

    /// <summary>Whether the bytes are one JSON value: as RFC 8259 has it, no deeper than 512.</summary>
    public static bool IsJson(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || !Utf8.IsValid(payload))
            return false;
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            var hasValue = false;
            while (reader.Read())
                hasValue = true;
            return hasValue;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes the member: JSON under <paramref name="name"/>, other bytes under
    /// <paramref name="nameOfOther"/>.</summary>
    public static void Write(
        Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> nameOfOther, ReadOnlySpan<byte> payload)
    {
        if (!IsJson(payload))
        {
            writer.WriteBase64String(nameOfOther, payload);
            return;
        }
        writer.WritePropertyName(name);
        WriteRaw(writer, payload);
    }

    // As it stands, so that no number or repeated name is changed. Read as JSON before; the writer itself checks to a
    // depth of 64 only.
    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            writer.WriteRawValue(json, skipInputValidation: true);
            return;
        }
        // Ends of lines stand only between the tokens of JSON, and would end the line of an answer that is one line.
        var isSingleLine = json.ToArray();
        isSingleLine.AsSpan().Replace((byte)'\n', (byte)' ');
        isSingleLine.AsSpan().Replace((byte)'\r', (byte)' ');
        writer.WriteRawValue(isSingleLine, skipInputValidation: true);
    }
}
