using System.Text.Json;

namespace Millrace.Shared.Json;

/// <summary>Writes a recorded event as JSON: its position, its metadata and its payload.</summary>
internal static class RecordedEventJson
{
    /// <summary>Writes the event as an object.</summary>
    public static void WriteObject(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        writer.WriteStartObject();
        WriteMembers(writer, recorded);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of the event. The caller must have started the JSON object.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        writer.WriteNumber("position"u8, recorded.Position);
        writer.WriteString("stream"u8, recorded.Stream.Value);
        writer.WriteNumber("version"u8, recorded.Version);
        writer.WriteString("type"u8, recorded.Type);
        writer.WriteNumber("schemaVersion"u8, recorded.SchemaVersion);
        writer.WriteString("id"u8, recorded.Id);
        writer.WriteString("timestamp"u8, recorded.Timestamp.UtcDateTime);
        writer.WriteString("contentType"u8, recorded.ContentType);
        WriteIf(writer, "source"u8, recorded.Source);
        WriteIf(writer, "correlationId"u8, recorded.CorrelationId?.ToString());
        WriteIf(writer, "causationId"u8, recorded.CausationId?.ToString());
        WriteIf(writer, "encryptionKeyId"u8, recorded.EncryptionKeyId);
        if (recorded.Tags.Count > 0)
        {
            writer.WriteStartArray("tags"u8);
            foreach (var tag in recorded.Tags)
                writer.WriteStringValue(tag.ToString());
            writer.WriteEndArray();
        }
        if (!recorded.MetadataBytes.IsEmpty)
            PayloadJson.Write(writer, "metadata"u8, "metadataBase64"u8, recorded.MetadataBytes.Span);
        PayloadJson.Write(writer, "data"u8, "dataBase64"u8, recorded.ReadablePayload.Span);
    }

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
