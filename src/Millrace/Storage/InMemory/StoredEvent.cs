namespace Millrace.Storage.InMemory;

/// <summary>
/// An event with its version and position. Each reader gets a separate <see cref="RecordedEvent"/>, because a
/// <see cref="RecordedEvent"/> caches its decoded data.
/// </summary>
internal sealed class StoredEvent(
    StreamId stream, long version, long position, DateTimeOffset timestamp, EncodedEvent encoded)
{
    public StreamId Stream { get; } = stream;

    public long Version { get; } = version;

    public long Position { get; } = position;

    public DateTimeOffset Timestamp { get; } = timestamp;

    public EncodedEvent Encoded { get; } = encoded;

    public IReadOnlyList<Tag> Tags { get; } = encoded.Tags;

    /// <summary>Creates the event from one that was read from another storage.</summary>
    public static StoredEvent Of(RecordedEvent recorded) => new(
        recorded.Stream,
        recorded.Version,
        recorded.Position,
        recorded.Timestamp,
        new EncodedEvent
        {
            Id = recorded.Id,
            Type = recorded.Type,
            SchemaVersion = recorded.SchemaVersion,
            ContentType = recorded.ContentType,
            Payload = recorded.Payload,
            MetadataBytes = recorded.MetadataBytes,
            Source = recorded.Source,
            CorrelationId = recorded.CorrelationId,
            CausationId = recorded.CausationId,
            EncryptionKeyId = recorded.EncryptionKeyId,
            Tags = [.. recorded.Tags],
        });

    public bool Matches(EventFilter filter) =>
        filter.Matches(Stream, Encoded.Type, Tags, Encoded.Source, Encoded.CorrelationId);

    public RecordedEvent ToRecorded() => new()
    {
        Id = Encoded.Id,
        Stream = Stream,
        Version = Version,
        Position = Position,
        Type = Encoded.Type,
        SchemaVersion = Encoded.SchemaVersion,
        ContentType = Encoded.ContentType,
        Timestamp = Timestamp,
        Payload = Encoded.Payload,
        MetadataBytes = Encoded.MetadataBytes,
        Source = Encoded.Source,
        CorrelationId = Encoded.CorrelationId,
        CausationId = Encoded.CausationId,
        EncryptionKeyId = Encoded.EncryptionKeyId,
        Tags = Tags,
    };
}
