using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;

namespace Millrace.Sqlite.Log;

/// <summary>The columns of an event, and their conversion from a row.</summary>
internal sealed class EventColumns(NameTable names, StreamTable streams)
{
    /// <summary>The columns that a filter needs.</summary>
    public const string ToMatch = "e.position, e.stream, e.type, e.source, e.correlation, e.tags";

    /// <summary>All columns of the event; starts with <see cref="ToMatch"/>.</summary>
    public const string Whole =
        ToMatch
        + ", e.version, e.schema_version, e.content_type, e.id, e.timestamp, e.causation, e.key, e.metadata, e.payload";

    public const int Position = 0;
    public const int Stream = 1;
    public const int Type = 2;
    public const int Source = 3;
    public const int Correlation = 4;
    public const int Tags = 5;
    private const int Version = 6;
    private const int SchemaVersion = 7;
    private const int ContentType = 8;
    private const int Id = 9;
    private const int Timestamp = 10;
    private const int Causation = 11;
    private const int Key = 12;
    private const int Metadata = 13;
    private const int Payload = 14;

    public RecordedEvent Read(Connection connection, Statement row)
    {
        var payload = row.GetBytes(Payload);
        var metadata = row.GetBytes(Metadata);
        var bytes = GC.AllocateUninitializedArray<byte>(payload.Length + metadata.Length);
        payload.CopyTo(bytes);
        metadata.CopyTo(bytes.AsSpan(payload.Length));
        return new RecordedEvent
        {
            Id = row.GetGuid(Id),
            Stream = streams.Get(connection, row.GetInt64(Stream)),
            Version = row.GetInt64(Version),
            Position = row.GetInt64(Position),
            Type = names.Get(connection, row.GetInt64(Type)),
            SchemaVersion = (int)row.GetInt64(SchemaVersion),
            ContentType = names.Get(connection, row.GetInt64(ContentType)),
            Timestamp = StoredTime.FromMicroseconds(row.GetInt64(Timestamp)),
            Payload = bytes.AsMemory(0, payload.Length),
            MetadataBytes = bytes.AsMemory(payload.Length),
            Source = FindName(connection, row.GetInt64(Source)),
            CorrelationId = row.FindGuid(Correlation),
            CausationId = row.FindGuid(Causation),
            EncryptionKeyId = FindName(connection, row.GetInt64(Key)),
            Tags = StoredTags.Split(connection, row.GetBytes(Tags)),
        };
    }

    /// <summary>Reads the columns that a fold needs.</summary>
    public RecordedEvent ReadFolded(Connection connection, Statement row, StreamId stream) => new()
    {
        Id = default,
        Timestamp = default,
        Stream = stream,
        Version = row.GetInt64(Version),
        Position = row.GetInt64(Position),
        Type = names.Get(connection, row.GetInt64(Type)),
        SchemaVersion = (int)row.GetInt64(SchemaVersion),
        ContentType = names.Get(connection, row.GetInt64(ContentType)),
        Payload = row.GetBytes(Payload).ToArray(),
    };

    private string? FindName(Connection connection, long number) => number == 0 ? null : names.Get(connection, number);
}
