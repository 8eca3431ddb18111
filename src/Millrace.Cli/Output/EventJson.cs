using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Answers;

namespace Millrace.Cli;

/// <summary>Events for programs: one JSON object a line.</summary>
internal sealed class EventJson(Stream output)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>How every JSON of the tool is written: characters are not escaped where they need not be.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an event and the end of its line.</summary>
    public void Write(RecordedEvent recorded)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, WriterOptions))
            WriteObject(writer, recorded);
        output.Write(_buffer.WrittenSpan);
        output.WriteByte((byte)'\n');
    }

    private static void WriteObject(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        writer.WriteStartObject();
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
        PayloadJson.Write(writer, "data"u8, "dataBase64"u8, recorded.Payload.Span);
        writer.WriteEndObject();
    }

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
