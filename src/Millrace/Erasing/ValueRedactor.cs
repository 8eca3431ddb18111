using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Millrace.Erasing;

/// <summary>Replaces the values of a subject in texts and in JSON.</summary>
/// <param name="matcher">The values.</param>
/// <param name="includesCommon">True to replace also values that others may have.</param>
internal sealed class ValueRedactor(ValueMatcher matcher, bool includesCommon)
{
    private const string Erased = "[erased]";

    /// <summary>Returns the text with replaced values; the same text if there are none.</summary>
    public string Redact(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var output = new ArrayBufferWriter<byte>(bytes.Length);
        var start = 0;
        var copied = 0;
        while (matcher.TryFindNext(bytes, ref start, out var length, out var isDistinctive))
        {
            if (!isDistinctive && !includesCommon)
            {
                start++;
                continue;
            }
            output.Write(bytes.AsSpan(copied, start - copied));
            output.Write(Encoding.UTF8.GetBytes(Erased));
            start += length;
            copied = start;
        }
        if (copied == 0)
            return text;
        output.Write(bytes.AsSpan(copied));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Returns the JSON with replaced values; null if there are none.</summary>
    public JsonElement? Redact(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var isChanged = false;
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, json, ref isChanged);
        if (!isChanged)
            return null;
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private void Write(Utf8JsonWriter writer, JsonElement json, ref bool isChanged)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, ref isChanged);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                    Write(writer, item, ref isChanged);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                var text = json.GetString()!;
                var redacted = Redact(text);
                isChanged |= redacted != text;
                writer.WriteStringValue(redacted);
                break;
            case JsonValueKind.Number when Redact(json.GetRawText()) is var number && number != json.GetRawText():
                isChanged = true;
                writer.WriteNumberValue(0);
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
