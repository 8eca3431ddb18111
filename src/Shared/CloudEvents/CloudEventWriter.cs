using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.Shared.CloudEvents;

/// <summary>Writes events as CloudEvents 1.0 without loss, with one JSON object per line.</summary>
/// <param name="output">The stream to write to.</param>
/// <param name="asJson">True when CBOR payloads are converted to JSON.</param>
internal sealed class CloudEventWriter(Stream output, bool asJson = false)
{
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>Writes an event and a line end.</summary>
    public void Write(RecordedEvent recorded) =>
        WriteLine(writer =>
        {
            var readable =
                asJson && recorded.ContentType == EventContentType.Cbor ? recorded.ReadablePayload : recorded.Payload;
            var contentType = readable.Equals(recorded.Payload) ? recorded.ContentType : EventContentType.Json;
            writer.WriteString(CloudEventNames.Id, recorded.Id);
            WriteSource(writer, recorded.Source);
            writer.WriteString(CloudEventNames.Type, recorded.Type);
            writer.WriteString(CloudEventNames.Subject, recorded.Stream.Value);
            writer.WriteString(CloudEventNames.Time, recorded.Timestamp.UtcDateTime);
            writer.WriteString(CloudEventNames.ContentType, contentType);
            writer.WriteString(CloudEventNames.Version, recorded.Version.ToString(CultureInfo.InvariantCulture));
            writer.WriteString(CloudEventNames.Position, recorded.Position.ToString(CultureInfo.InvariantCulture));
            writer.WriteNumber(CloudEventNames.SchemaVersion, recorded.SchemaVersion);
            if (recorded.CorrelationId is { } correlation)
                writer.WriteString(CloudEventNames.Correlation, correlation);
            if (recorded.CausationId is { } causation)
                writer.WriteString(CloudEventNames.Causation, causation);
            if (recorded.Metadata.TraceParent is { } trace)
                writer.WriteString(CloudEventNames.TraceParent, trace);
            if (recorded.Tags.Count > 0)
                writer.WriteString(CloudEventNames.Tags, TextOf(recorded.Tags));
            if (!recorded.MetadataBytes.IsEmpty)
                writer.WriteString(CloudEventNames.Metadata, recorded.MetadataBytes.Span);
            WriteData(writer, contentType, readable.Span);
        });

    /// <summary>Writes a record of a deleted or closed stream.</summary>
    public void Write(RemovalRecord removal) => WriteLine(writer =>
    {
        var kind = removal.Kind == RemovalKind.Tombstone ? CloudEventNames.Closed : CloudEventNames.Deleted;
        writer.WriteString(CloudEventNames.Id,
            string.Create(CultureInfo.InvariantCulture, $"{kind}-{removal.At.UtcTicks}-{removal.ToVersion}"));
        writer.WriteString(CloudEventNames.Source, CloudEventNames.NoSource);
        writer.WriteString(CloudEventNames.Type, "millrace.stream." + kind);
        writer.WriteString(CloudEventNames.Subject, removal.Stream.Value);
        writer.WriteString(CloudEventNames.Time, removal.At.UtcDateTime);
        writer.WriteString(CloudEventNames.Record, kind);
        if (removal.Kind == RemovalKind.Delete)
            writer.WriteString(CloudEventNames.Version, removal.ToVersion.ToString(CultureInfo.InvariantCulture));
        writer.WriteStartObject(CloudEventNames.Data);
        writer.WriteString("reason"u8, removal.Reason);
        if (removal.User is not null)
            writer.WriteString("by"u8, removal.User);
        writer.WriteEndObject();
    });

    private void WriteLine(Action<Utf8JsonWriter> members)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString(CloudEventNames.SpecVersion, "1.0");
            members(writer);
            writer.WriteEndObject();
        }
        output.Write(_buffer.WrittenSpan);
        output.WriteByte((byte)'\n');
    }

    /// <summary>
    /// Writes the source. The standard requires a URI reference, so other names are escaped. The unchanged name is
    /// then written in a separate attribute.
    /// </summary>
    private static void WriteSource(Utf8JsonWriter writer, string? source)
    {
        var isReference = source is { Length: > 0 } && source != CloudEventNames.NoSource
            && Uri.IsWellFormedUriString(source, UriKind.RelativeOrAbsolute);
        if (source is null || isReference)
        {
            writer.WriteString(CloudEventNames.Source, source ?? CloudEventNames.NoSource);
            return;
        }
        writer.WriteString(CloudEventNames.Source, "urn:millrace:source:" + Uri.EscapeDataString(source));
        writer.WriteString(CloudEventNames.OwnSource, source);
    }

    private static string TextOf(IReadOnlyList<Tag> tags)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartArray();
            foreach (var tag in tags)
                writer.WriteStringValue(tag.ToString());
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteData(Utf8JsonWriter writer, string contentType, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return;
        if (!IsJson(contentType) || !IsRepresentable(payload))
        {
            writer.WriteBase64String(CloudEventNames.Base64, payload);
            return;
        }
        writer.WritePropertyName(CloudEventNames.Data);
        writer.WriteRawValue(payload, skipInputValidation: true);
    }

    /// <summary>Returns true when CloudEvents defines a media type as JSON.</summary>
    public static bool IsJson(string contentType)
    {
        var type = contentType.Split(';')[0].Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Returns true when a payload can be written as JSON on one line and read again without changes.
    /// </summary>
    private static bool IsRepresentable(ReadOnlySpan<byte> payload) =>
        payload.IndexOfAny((byte)'\n', (byte)'\r') < 0
        && payload[0] is not ((byte)' ' or (byte)'\t')
        && payload[^1] is not ((byte)' ' or (byte)'\t')
        && PayloadJson.IsJson(payload);
}
