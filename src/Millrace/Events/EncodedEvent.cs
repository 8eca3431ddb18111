using System.Collections.Immutable;

namespace Millrace;

/// <summary>An event ready to be written.</summary>
public sealed class EncodedEvent
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whether the id was given by the caller, so that the append may be a repetition.</summary>
    public bool HasGivenId { get; init; }

    /// <summary>The stored name of its type.</summary>
    public required string Type { get; init; }

    /// <summary>Which shape of the type it is.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The media type of the payload.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>Its bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Its metadata as a JSON object, or empty.</summary>
    public ReadOnlyMemory<byte> MetadataBytes { get; init; }

    /// <summary>The service or program that appends it.</summary>
    public string? Source { get; init; }

    /// <summary>The key that encrypts parts of it.</summary>
    public string? EncryptionKeyId { get; init; }

    /// <summary>The same through one conversation.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The message that directly caused it.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>Its tags.</summary>
    public ImmutableArray<Tag> Tags { get; init; } = [];

    /// <summary>The object that was encoded, handed on to this node's own consumers.</summary>
    internal object? Data { get; init; }

    /// <summary>The event as it stands, or will stand, at a place, with the object it was encoded from.</summary>
    internal RecordedEvent At(
        StreamId stream,
        long version,
        long position,
        DateTimeOffset timestamp,
        EventSerializer? decoder) => At(stream, version, position, timestamp, decoder, Data);

    /// <summary>The same, to be read from its bytes.</summary>
    internal RecordedEvent AsReadAt(
        StreamId stream, long version, long position, DateTimeOffset timestamp, EventSerializer? decoder) =>
        At(stream, version, position, timestamp, decoder, data: null);

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
            Payload = Payload,
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
