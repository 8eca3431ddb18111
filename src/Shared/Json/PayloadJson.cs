using System.Text.Json;
using System.Text.Unicode;

namespace Millrace.Shared.Json;

/// <summary>Writes stored bytes. JSON is written unchanged, and other bytes are written in base 64.</summary>
internal static class PayloadJson
{
    /// <summary>The maximum depth of JSON.</summary>
    public const int MaxDepth = 512;

    /// <summary>Returns true if the bytes are one JSON value (RFC 8259) that is at most 512 levels deep.</summary>
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

    /// <summary>
    /// Writes a member. JSON is named <paramref name="name"/>, and other bytes are named <paramref
    /// name="nameOfOther"/>.
    /// </summary>
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

    // The JSON is written unchanged, so that numbers and repeated names remain as they are. It was parsed before,
    // because the writer checks only to a depth of 64.
    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            writer.WriteRawValue(json, skipInputValidation: true);
            return;
        }
        // Line breaks can only be between tokens. They are replaced, because an answer may have to fit on one line.
        var isSingleLine = json.ToArray();
        isSingleLine.AsSpan().Replace((byte)'\n', (byte)' ');
        isSingleLine.AsSpan().Replace((byte)'\r', (byte)' ');
        writer.WriteRawValue(isSingleLine, skipInputValidation: true);
    }
}
