using System.Diagnostics;
using Millrace.Serialization;

namespace Millrace;

/// <summary>An event as it stands in the log. Immutable, and safe to share between threads.</summary>
[DebuggerDisplay("{Position}: {Type} in {Stream} at {Version}")]
public sealed class RecordedEvent
{
    private object? _data;
    private EventMetadata? _metadata;

    /// <summary>The event's own id, unique in its stream.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stream it belongs to; its <see cref="StreamId.Category"/> is the type of the aggregate.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Its place in the stream, from 1, without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Its place in the log, from 1, without gaps.</summary>
    public required long Position { get; init; }

    /// <summary>The stored name of its type, such as <c>order.placed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Which shape of the type was stored; from 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The media type of the payload; <c>application/json</c> by default.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>When it was recorded (UTC, microseconds). Never earlier than the event before it in the log.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The stored bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// The payload for people and for programs that know JSON: what CBOR means, as JSON; all else, and CBOR that is not
    /// well formed, as it is stored.
    /// </summary>
    public ReadOnlyMemory<byte> ReadablePayload =>
        ContentType == EventContentType.Cbor && CborJson.TryToJson(Payload.Span) is { } json ? json : Payload;

    /// <summary>The stored bytes of <see cref="Metadata"/>: a JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> MetadataBytes { get; init; }

    /// <summary>The service or program that appended it, if said.</summary>
    public string? Source { get; init; }

    /// <summary>The same through one conversation.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The id of the message that directly caused this event.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>The key that encrypts parts of the payload, if any.</summary>
    public string? EncryptionKeyId { get; init; }

    /// <summary>The event's tags; empty when it has none.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>What is known beyond the payload.</summary>
    public EventMetadata Metadata => _metadata ??= MetadataJson.Read(MetadataBytes.Span, Source);

    /// <summary>
    /// The event as the newest CLR type of its kind; an <see cref="EventParts"/> when upcasters make several or none of
    /// it, an <see cref="UnknownEvent"/> when this program knows no such type, an <see cref="UnreadableEvent"/> when
    /// the bytes cannot be read as it. Decoded on first use; never throws for what is stored.
    /// </summary>
    public object Data =>
        _data ??= Decoder is null ? new UnknownEvent(Type, SchemaVersion, ContentType, Payload) : Decoder.Decode(this);

    /// <summary>The same event with another payload, as somebody corrected it.</summary>
    internal RecordedEvent With(ReadOnlyMemory<byte> payload) => Copy(payload, data: null, isCorrected: true);

    /// <summary>Whether its payload is not the one in the log, but one that somebody corrected.</summary>
    internal bool IsCorrected { get; private init; }

    /// <summary>
    /// The event as it is read: itself, or, where upcasters make several or none of it, each of them: with the id,
    /// place and bytes of this one, and data of its own.
    /// </summary>
    public IReadOnlyList<RecordedEvent> Parts()
    {
        if (Data is not EventParts several)
            return [this];
        var parts = new RecordedEvent[several.Parts.Count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Copy(Payload, several.Parts[i], IsCorrected);
        return parts;
    }

    /// <summary>The event that is read as one with this; set, if at all, before anybody asks for
    /// <see cref="Data"/>.</summary>
    internal RecordedEvent? Partner { get; set; }

    /// <summary>Reads <see cref="Data"/>; set by the store that hands the event out.</summary>
    internal EventSerializer? Decoder { get; set; }

    /// <summary>The object that was appended, so that the node that wrote it need not decode it again.</summary>
    internal object? DecodedData
    {
        init => _data = value;
    }

    /// <summary>The same event as one of a stream of another name, as a tenant knows it.</summary>
    internal RecordedEvent In(StreamId stream) => Copy(Payload, _data, IsCorrected, stream);

    private RecordedEvent Copy(ReadOnlyMemory<byte> payload, object? data, bool isCorrected, StreamId? stream = null) =>
        new()
        {
            Id = Id,
            Stream = stream ?? Stream,
            Version = Version,
            Position = Position,
            Type = Type,
            SchemaVersion = SchemaVersion,
            ContentType = ContentType,
            Timestamp = Timestamp,
            Payload = payload,
            MetadataBytes = MetadataBytes,
            Source = Source,
            CorrelationId = CorrelationId,
            CausationId = CausationId,
            EncryptionKeyId = EncryptionKeyId,
            Tags = Tags,
            DecodedData = data,
            Decoder = Decoder,
            Partner = Partner,
            IsCorrected = isCorrected,
        };
}

/// <summary>A stored event whose type this program does not know, with its bytes.</summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="SchemaVersion">The stored schema version.</param>
/// <param name="ContentType">The media type of the payload.</param>
/// <param name="Payload">The stored bytes.</param>
public sealed record UnknownEvent(string Type, int SchemaVersion, string ContentType, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether Millrace wrote it for itself, as <c>dead-letters.decided</c>: no application needs to know
    /// it.</summary>
    public bool IsOfPlatform => PlatformEvents.Has(Type);
}

/// <summary>A stored event that cannot be read as its type, with its bytes and the reason.</summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="SchemaVersion">The stored schema version.</param>
/// <param name="ContentType">The media type of the payload.</param>
/// <param name="Payload">The stored bytes.</param>
/// <param name="Reason">Why it cannot be read, and what to do.</param>
public sealed record UnreadableEvent(
    string Type, int SchemaVersion, string ContentType, ReadOnlyMemory<byte> Payload, string Reason);
