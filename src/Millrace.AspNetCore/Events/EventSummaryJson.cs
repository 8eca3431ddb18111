using System.Text;
using System.Text.Json;
using Millrace.Shared.Json;

namespace Millrace.AspNetCore.Events;

/// <summary>Writes summaries of events as JSON, with the start of the payload instead of all of it.</summary>
internal static class EventSummaryJson
{
    private const int PreviewBytes = 240;

    /// <summary>Writes a page with the events that the user may read.</summary>
    public static void WritePage(Utf8JsonWriter writer, FoundEvents found)
    {
        writer.WriteStartObject();
        writer.WriteNumber("head"u8, found.Head);
        if (found.Next is { } next)
            writer.WriteNumber("next"u8, next);
        writer.WriteNumber("hidden"u8, found.Hidden);
        writer.WriteStartArray("events"u8);
        foreach (var recorded in found.Events)
            Write(writer, recorded);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        writer.WriteStartObject();
        writer.WriteNumber("position"u8, recorded.Position);
        writer.WriteString("stream"u8, recorded.Stream.Value);
        writer.WriteNumber("version"u8, recorded.Version);
        writer.WriteString("type"u8, recorded.Type);
        writer.WriteString("id"u8, recorded.Id);
        writer.WriteString("timestamp"u8, recorded.Timestamp.UtcDateTime);
        if (recorded.Source is { } source)
            writer.WriteString("source"u8, source);
        if (recorded.CorrelationId is { } correlation)
            writer.WriteString("correlationId"u8, correlation);
        if (recorded.CausationId is { } causation)
            writer.WriteString("causationId"u8, causation);
        var payload = recorded.ReadablePayload.Span;
        writer.WriteNumber("dataBytes"u8, payload.Length);
        if (PayloadJson.IsJson(payload))
            writer.WriteString("preview"u8, PreviewOf(payload));
        writer.WriteEndObject();
    }

    /// <summary>Returns the start of a text. A character that the limit cuts is left out.</summary>
    private static string PreviewOf(ReadOnlySpan<byte> payload)
    {
        var length = Math.Min(payload.Length, PreviewBytes);
        while (length < payload.Length && length > 0 && (payload[length] & 0xC0) == 0x80)
            length--;
        return Encoding.UTF8.GetString(payload[..length]);
    }
}
