using System.Diagnostics;
using Millrace.Events;
using Millrace.Serialization;

namespace Millrace;

/// <summary>A recorded event of the log. Immutable and thread-safe.</summary>
[DebuggerDisplay("{Position}: {Type} in {Stream} at {Version}")]
public sealed class RecordedEvent
{
    private object? _data;
    private EventMetadata? _metadata;

    /// <summary>Gets the id of the event, unique in its stream.</summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// Gets the stream of the event. The <see cref="StreamId.Category"/> of the stream is the type of the aggregate.
    /// </summary>
    public required StreamId Stream { get; init; }

    /// <summary>Gets the version of the event in the stream, from 1, without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the position of the event in the log, from 1, without gaps.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the stored name of the type, such as <c>order.placed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the stored schema version of the type; at least 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Gets the media type of the payload; <c>application/json</c> by default.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>
    /// Gets the time when the event was recorded, in UTC with a precision of microseconds. The time is never earlier
    /// than the time of the previous event in the log.
    /// </summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Gets the stored bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// Gets the payload for display and for programs that read JSON. Valid CBOR is converted to JSON. Any other payload
    /// is returned unchanged.
    /// </summary>
    public ReadOnlyMemory<byte> ReadablePayload =>
        ContentType == EventContentType.Cbor && CborJson.TryToJson(Payload.Span) is { } json ? json : Payload;

    /// <summary>Gets the payload as JSON, in which values are found; empty for invalid CBOR.</summary>
    internal ReadOnlyMemory<byte> JsonPayload =>
        ContentType == EventContentType.Cbor ? CborJson.TryToJson(Payload.Span) ?? [] : Payload;

    /// <summary>
    /// Gets the stored bytes of <see cref="Metadata"/>, which are a JSON object; empty if there is no metadata.
    /// </summary>
    public ReadOnlyMemory<byte> MetadataBytes { get; init; }

    /// <summary>Gets the name of the service or program that appended the event; null if it is unknown.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the id of the conversation.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>Gets the id of the message that directly caused the event.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>Gets the id of the key that encrypts parts of the payload; null if no part is encrypted.</summary>
    public string? EncryptionKeyId { get; init; }

    /// <summary>Gets the tags; empty if the event has no tags.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>Gets the metadata.</summary>
    public EventMetadata Metadata => _metadata ??= MetadataJson.Read(MetadataBytes.Span, Source);

    /// <summary>
    /// Gets the event as an object of its newest CLR type. The value is an <see cref="EventParts"/> if upcasters split
    /// the event into several events or no event. It is an <see cref="UnknownEvent"/> if this program does not know the
    /// type, and an <see cref="UnreadableEvent"/> if the bytes cannot be read as the type. The event is decoded on
    /// first use. This property never throws an exception for a stored event.
    /// </summary>
    public object Data =>
        _data ??= Decoder is null ? new UnknownEvent(Type, SchemaVersion, ContentType, Payload) : Decoder.Decode(this);

    /// <summary>Creates a copy of the event with a corrected payload.</summary>
    internal RecordedEvent With(ReadOnlyMemory<byte> payload) => Copy(payload, data: null, isCorrected: true);

    /// <summary>Creates a copy of the event with decrypted values.</summary>
    /// <param name="payload">The decrypted payload.</param>
    /// <param name="problem">The reason why the values cannot be decrypted; null for no problem.</param>
    internal RecordedEvent Revealed(ReadOnlyMemory<byte> payload, string? problem)
    {
        var copy = Copy(payload, data: null, IsCorrected);
        copy.ProtectionProblem = problem;
        return copy;
    }

    /// <summary>Creates a copy of the event with JSON from which values were removed.</summary>
    internal RecordedEvent Concealed(ReadOnlyMemory<byte> json) =>
        Copy(json, data: null, IsCorrected, contentType: EventContentType.Json);

    /// <summary>
    /// Gets the reason why the encrypted values cannot be decrypted; null for no problem. The payload is then as it is
    /// stored.
    /// </summary>
    internal string? ProtectionProblem { get; private set; }

    /// <summary>Gets whether the payload was corrected, so that it differs from the payload in the log.</summary>
    internal bool IsCorrected { get; private init; }

    /// <summary>
    /// Returns the events that readers handle instead of this event. If upcasters split this event, the result contains
    /// each part. A part has its own data, but the id, version, position and bytes of this event. Otherwise the result
    /// contains only this event.
    /// </summary>
    public IReadOnlyList<RecordedEvent> Parts()
    {
        if (Data is not EventParts split)
            return [this];
        var parts = new RecordedEvent[split.Parts.Count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Copy(Payload, split.Parts[i], IsCorrected);
        return parts;
    }

    /// <summary>
    /// Gets or sets the event that is merged with this event. It must be set before the first access to
    /// <see cref="Data"/>.
    /// </summary>
    internal RecordedEvent? Partner { get; set; }

    /// <summary>
    /// Gets or sets the serializer that decodes <see cref="Data"/>. The store that returns the event sets this value.
    /// </summary>
    internal EventSerializer? Decoder { get; set; }

    /// <summary>
    /// Sets the object that was appended, so that the node that wrote the event does not have to decode it.
    /// </summary>
    internal object? DecodedData
    {
        init => _data = value;
    }

    /// <summary>Creates a copy of the event whose data is not decoded yet.</summary>
    internal RecordedEvent WithoutData() => Copy(Payload, data: null, IsCorrected);

    /// <summary>
    /// Creates a copy of the event that can be kept: its data is not decoded, and its bytes are not a part of a larger
    /// block.
    /// </summary>
    internal RecordedEvent Detached() => WithContent(ContentType, Payload.ToArray(), MetadataBytes.ToArray());

    /// <summary>Creates a copy of the event as it is stored with other content.</summary>
    internal RecordedEvent WithContent(
        string contentType, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> metadata) => new()
        {
            Id = Id,
            Stream = Stream,
            Version = Version,
            Position = Position,
            Type = Type,
            SchemaVersion = SchemaVersion,
            ContentType = contentType,
            Timestamp = Timestamp,
            Payload = payload,
            MetadataBytes = metadata,
            Source = Source,
            CorrelationId = CorrelationId,
            CausationId = CausationId,
            EncryptionKeyId = EncryptionKeyId,
            Tags = Tags,
        };

    /// <summary>
    /// Creates a copy of the event with another stream name, such as the name without the prefix of a tenant.
    /// </summary>
    internal RecordedEvent In(StreamId stream) => Copy(Payload, _data, IsCorrected, stream);

    /// <summary>
    /// Creates a copy of the event with the time and the metadata that it had before it was moved to this log.
    /// </summary>
    internal RecordedEvent RecordedFirst(DateTimeOffset timestamp, ReadOnlyMemory<byte> metadata) => new()
    {
        Id = Id,
        Stream = Stream,
        Version = Version,
        Position = Position,
        Type = Type,
        SchemaVersion = SchemaVersion,
        ContentType = ContentType,
        Timestamp = timestamp,
        Payload = Payload,
        MetadataBytes = metadata,
        Source = Source,
        CorrelationId = CorrelationId,
        CausationId = CausationId,
        EncryptionKeyId = EncryptionKeyId,
        Tags = Tags,
        Decoder = Decoder,
        IsCorrected = IsCorrected,
        ProtectionProblem = ProtectionProblem,
    };

    private RecordedEvent Copy(
        ReadOnlyMemory<byte> payload,
        object? data,
        bool isCorrected,
        StreamId? stream = null,
        string? contentType = null) =>
        new()
        {
            ProtectionProblem = isCorrected ? null : ProtectionProblem,
            Id = Id,
            Stream = stream ?? Stream,
            Version = Version,
            Position = Position,
            Type = Type,
            SchemaVersion = SchemaVersion,
            ContentType = contentType ?? ContentType,
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

/// <summary>The data of a stored event whose type this program does not know. It contains the stored bytes.</summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="SchemaVersion">The stored schema version.</param>
/// <param name="ContentType">The media type of the payload.</param>
/// <param name="Payload">The stored bytes.</param>
public sealed record UnknownEvent(string Type, int SchemaVersion, string ContentType, ReadOnlyMemory<byte> Payload)
{
    /// <summary>
    /// Gets whether Millrace itself wrote the event, such as <c>dead-letters.decided</c>. Applications do not have to
    /// register it.
    /// </summary>
    public bool IsOfPlatform => PlatformEvents.IsReserved(Type);
}

/// <summary>
/// The data of a stored event that cannot be read as its type. It contains the stored bytes and the reason.
/// </summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="SchemaVersion">The stored schema version.</param>
/// <param name="ContentType">The media type of the payload.</param>
/// <param name="Payload">The stored bytes.</param>
/// <param name="Reason">The reason, with a hint how to fix the problem.</param>
public sealed record UnreadableEvent(
    string Type, int SchemaVersion, string ContentType, ReadOnlyMemory<byte> Payload, string Reason);
