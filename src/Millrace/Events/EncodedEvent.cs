using System.Collections.Immutable;
using Millrace.Events;

namespace Millrace;

/// <summary>An event that is ready to be written.</summary>
public sealed class EncodedEvent
{
    /// <summary>Gets the id.</summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// Gets whether the caller set the id. If false, the append cannot be a repetition of an earlier append.
    /// </summary>
    public bool HasCallerId { get; init; }

    /// <summary>Gets the stored name of the type.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the schema version; 1 by default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Gets the media type of the payload.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>Gets the payload.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Gets the metadata as a JSON object; empty if there is no metadata.</summary>
    public ReadOnlyMemory<byte> MetadataBytes { get; init; }

    /// <summary>Gets the name of the service or program that appends the event.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the id of the key that encrypts parts of the payload.</summary>
    public string? EncryptionKeyId { get; init; }

    /// <summary>Gets the id of the conversation.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>Gets the id of the message that directly caused the event.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>Gets the tags.</summary>
    public ImmutableArray<Tag> Tags { get; init; } = [];

    /// <summary>Gets the object that was encoded. Consumers of the same node receive this object.</summary>
    internal object? Data { get; init; }

    /// <summary>
    /// Gets the payload before values were encrypted, for the readers of this node; null if no value is encrypted.
    /// </summary>
    internal ReadOnlyMemory<byte>? PlainPayload { get; private init; }

    /// <summary>Creates a copy whose metadata does not describe an encryption.</summary>
    internal EncodedEvent WithoutEncryption(ReadOnlyMemory<byte> metadata) =>
        Copy(ContentType, Payload, metadata, keyId: null, PlainPayload);

    /// <summary>Creates a copy with an encrypted payload, which is JSON.</summary>
    /// <param name="plain">The payload as JSON before encryption.</param>
    /// <param name="payload">The payload to store.</param>
    /// <param name="metadata">The metadata to store.</param>
    /// <param name="keyId">The id of the key.</param>
    internal EncodedEvent Encrypted(
        ReadOnlyMemory<byte> plain, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> metadata, string keyId) =>
        Copy(EventContentType.Json, payload, metadata, keyId, plain);

    /// <summary>Creates the recorded event at a position. Its data is the object that was encoded.</summary>
    internal RecordedEvent At(
        StreamId stream,
        long version,
        long position,
        DateTimeOffset timestamp,
        EventSerializer? decoder) => At(stream, version, position, timestamp, decoder, Data);

    /// <summary>Creates the recorded event at a position. Its data is decoded from the payload.</summary>
    internal RecordedEvent WithoutDataAt(
        StreamId stream, long version, long position, DateTimeOffset timestamp, EventSerializer? decoder) =>
        At(stream, version, position, timestamp, decoder, data: null);

    private EncodedEvent Copy(
        string contentType,
        ReadOnlyMemory<byte> payload,
        ReadOnlyMemory<byte> metadata,
        string? keyId,
        ReadOnlyMemory<byte>? plain) =>
        new()
        {
            Id = Id,
            HasCallerId = HasCallerId,
            Type = Type,
            SchemaVersion = SchemaVersion,
            ContentType = contentType,
            Payload = payload,
            MetadataBytes = metadata,
            Source = Source,
            EncryptionKeyId = keyId,
            CorrelationId = CorrelationId,
            CausationId = CausationId,
            Tags = Tags,
            Data = Data,
            PlainPayload = plain,
        };

    private RecordedEvent At(
        StreamId stream,
        long version,
        long position,
        DateTimeOffset timestamp,
        EventSerializer? decoder,
        object? data) =>
        new()
        {
            Id = Id,
            Stream = stream,
            Version = version,
            Position = position,
            Type = Type,
            SchemaVersion = SchemaVersion,
            ContentType = ContentType,
            Timestamp = timestamp,
            Payload = PlainPayload ?? Payload,
            MetadataBytes = MetadataBytes,
            Source = Source,
            CorrelationId = CorrelationId,
            CausationId = CausationId,
            EncryptionKeyId = EncryptionKeyId,
            Tags = Tags,
            DecodedData = data,
            Decoder = decoder,
        };
}
