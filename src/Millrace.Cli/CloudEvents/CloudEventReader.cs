using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Shared.CloudEvents;
using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>Parses CloudEvents 1.0 in JSON that this tool or another program has written.</summary>
/// <param name="streamFrom">The attribute that contains the stream name.</param>
/// <param name="streamPrefix">The prefix for the stream name.</param>
/// <param name="acceptsAnyPayload">True when the reader accepts payloads that do not match their content type.</param>
internal sealed class CloudEventReader(string streamFrom, string streamPrefix, bool acceptsAnyPayload = true)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 + 1 };

    /// <summary>Reads one event.</summary>
    /// <exception cref="ImportException">The JSON is not a CloudEvent, or an attribute is missing.</exception>
    public ImportedEvent Read(ReadOnlyMemory<byte> json, ImportLine line)
    {
        try
        {
            return Make(CloudEventAttributes.Of(json, Options), line, json.Length);
        }
        catch (Exception problem) when (problem is JsonException or FormatException or InvalidOperationException)
        {
            throw new ImportException(line, problem.Message.TrimEnd('.') + ".", problem);
        }
        catch (Exception problem) when (problem is MillraceException or ArgumentException)
        {
            throw new ImportException(line, problem.Message, problem);
        }
    }

    private ImportedEvent Make(CloudEventAttributes attributes, ImportLine line, int bytes)
    {
        if (attributes.Text(CloudEventNames.SpecVersion) is not "1.0")
            throw new FormatException("this is not a CloudEvent of version 1.0: 'specversion' must be \"1.0\"");
        var name = attributes.Text(streamFrom) is { Length: > 0 } text
            ? text
            : throw new FormatException(
                $"the attribute '{streamFrom}', which names the stream, is missing; choose another one with "
                    + "--stream-from");
        var (id, source, type) = (attributes.Required(CloudEventNames.Id), attributes.Required(CloudEventNames.Source),
            attributes.Required(CloudEventNames.Type));
        var read = new ImportedEvent
        {
            Line = line,
            Stream = new StreamId(streamPrefix + name),
            Version = attributes.Number(CloudEventNames.Version),
            Position = attributes.Number(CloudEventNames.Position),
            Time = attributes.Time(CloudEventNames.Time),
            Bytes = bytes,
        };
        return attributes.Text(CloudEventNames.Record) is { } record
            ? Removal(read, record, attributes)
            : read with
            {
                Event = WithReadableStream(
                    EventOf(attributes, id, attributes.Text(CloudEventNames.OwnSource) ?? source, type)),
            };
    }

    /// <summary>
    /// Refuses an event with encrypted values for another stream, because the values would not decrypt there.
    /// </summary>
    private NewEvent WithReadableStream(NewEvent newEvent) =>
        streamPrefix.Length > 0 && newEvent.Metadata?.Encryption is { IsOfMillrace: true }
            ? throw new FormatException(
                "its values are encrypted for the stream of the file, and do not decrypt in another stream; import "
                    + "it without --stream-prefix")
            : newEvent;

    private static ImportedEvent Removal(ImportedEvent read, string record, CloudEventAttributes attributes)
    {
        var data = attributes.Data is { } raw ? JsonDocument.Parse(raw).RootElement : default;
        var (reason, user) =
            data.ValueKind == JsonValueKind.Object
                ? (
                    data.TryGetProperty("reason", out var why) ? why.GetString() : null,
                    data.TryGetProperty("by", out var who) ? who.GetString() : null)
                : (null, null);
        return read with
        {
            Removal = record switch
            {
                CloudEventNames.Deleted => RemovalKind.Delete,
                CloudEventNames.Closed => RemovalKind.Tombstone,
                _ => throw new FormatException(
                    $"this version of the tool does not support the value '{record}' of '{CloudEventNames.Record}'"),
            },
            Reason = reason is { Length: > 0 } ? reason : "imported",
            By = user,
        };
    }

    private NewEvent EventOf(CloudEventAttributes attributes, string id, string source, string type)
    {
        var contentType = attributes.Text(CloudEventNames.ContentType) ?? EventContentType.Json;
        var isMillraceEvent = attributes.Has(CloudEventNames.Version);
        var payload = attributes.Payload(contentType);
        if (!acceptsAnyPayload && PayloadValidator.FindProblem(payload, contentType) is { } problem)
            throw new FormatException(
                $"its payload is not {contentType}: {problem.TrimEnd('.')}; --any-payload imports it unchanged");
        return NewEvent.FromBytes(type, payload, contentType) with
        {
            Id = Guid.TryParse(id, out var guid) ? guid : IdFor(source, id),
            SchemaVersion = (int)(attributes.Number(CloudEventNames.SchemaVersion, max: int.MaxValue) ?? 1),
            Tags = TagsOf(attributes.Text(CloudEventNames.Tags)),
            CorrelationId = attributes.Guid(CloudEventNames.Correlation),
            CausationId = attributes.Guid(CloudEventNames.Causation),
            Metadata = isMillraceEvent
                ? MillraceMetadata(
                    attributes.Text(CloudEventNames.Metadata),
                    source == CloudEventNames.NoSource && !attributes.Has(CloudEventNames.OwnSource) ? null : source)
                : MetadataOfForeignEvent(attributes, id, source),
        };
    }

    private static EventMetadata MillraceMetadata(string? json, string? source)
    {
        // RecordedEvent parses the metadata, so that the result is the same as in the store.
        var carrier = new RecordedEvent
        {
            Id = default,
            Stream = new StreamId("import"),
            Version = 1,
            Position = 1,
            Type = "import",
            Timestamp = default,
            Payload = default,
            MetadataBytes = json is null ? default : Encoding.UTF8.GetBytes(json),
            Source = source,
        };
        return carrier.Metadata;
    }

    /// <summary>
    /// Returns the metadata of an event from another program. The metadata contains unknown attributes by name.
    /// </summary>
    private EventMetadata MetadataOfForeignEvent(CloudEventAttributes attributes, string id, string source)
    {
        var extensions = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in attributes.Others)
            extensions[name] = value;
        if (!System.Guid.TryParse(id, out _))
            extensions[CloudEventNames.Id] = id;
        if (streamFrom != CloudEventNames.Subject && attributes.Text(CloudEventNames.Subject) is { } subject)
            extensions[CloudEventNames.Subject] = subject;
        foreach (var name in (string[])[CloudEventNames.Correlation, CloudEventNames.Causation])
        {
            if (attributes.Text(name) is { } text && attributes.Guid(name) is null)
                extensions[name] = text;
        }
        return new EventMetadata
        {
            Source = source,
            TraceParent = attributes.Text(CloudEventNames.TraceParent),
            Extensions = extensions.ToImmutable()
        };
    }

    private static ImmutableArray<Tag> TagsOf(string? json) =>
        json is null
            ? []
            :
            [
                .. JsonDocument
                    .Parse(json)
                    .RootElement.EnumerateArray()
                    .Select(tag => Tag.Parse(tag.GetString() ?? "")),
            ];

    /// <summary>
    /// Returns the id for an event from another program. The standard requires that source and id together are unique.
    /// Therefore, the same event has the same id in every import.
    /// </summary>
    private static Guid IdFor(string source, string id)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(source + "\n" + id)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // UUID version 8: a custom algorithm.
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
