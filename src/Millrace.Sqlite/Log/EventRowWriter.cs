using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Writes events into the log at the positions that a decision has assigned.</summary>
internal sealed class EventRowWriter(NameTable names)
{
    private const string InsertEvent = """
        INSERT INTO events (position, stream, version, type, schema_version, content_type, id, timestamp, checksum,
            correlation, causation, source, key, tags, metadata, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """;
    private const string ReplaceContent = """
        UPDATE events SET content_type = ?3, checksum = ?4, metadata = ?5, payload = ?6 WHERE position = ?1 AND id = ?2
        """;
    private const string InsertTag = "INSERT OR IGNORE INTO event_tags (tag, position) VALUES (?1, ?2)";

    public void Write(
        Connection connection, long stream, StreamAppend append, AppendPlacement placement, DateTimeOffset timestamp)
    {
        var time = StoredTime.ToMicroseconds(timestamp);
        var statement = connection.Get(InsertEvent).Bind(2, stream).Bind(8, time);
        for (var i = 0; i < append.Events.Count; i++)
        {
            var encoded = append.Events[i];
            var version = placement.FirstVersion + i;
            var position = placement.FirstPosition + i;
            statement.Bind(1, position).Bind(3, version);
            BindNames(connection, statement, encoded);
            var sum = EventChecksum.Compute(
                stream, version, position, time, encoded.Id, encoded.Payload.Span, encoded.MetadataBytes.Span);
            BindContent(statement, encoded, sum);
            statement.Run();
            foreach (var tag in encoded.Tags)
                connection.Get(InsertTag).Bind(1, tag.ToString()).Bind(2, position).Run();
        }
    }

    /// <summary>Replaces the content of an event, unless it was removed.</summary>
    public void Replace(Connection connection, RecordedEvent recorded, long stream)
    {
        var sum = EventChecksum.Compute(
            stream,
            recorded.Version,
            recorded.Position,
            StoredTime.ToMicroseconds(recorded.Timestamp),
            recorded.Id,
            recorded.Payload.Span,
            recorded.MetadataBytes.Span);
        var statement = connection.Get(ReplaceContent)
            .Bind(1, recorded.Position)
            .Bind(2, recorded.Id)
            .Bind(3, names.GetOrAdd(connection, recorded.ContentType))
            .Bind(4, sum);
        BindMetadata(statement, 5, recorded.MetadataBytes);
        statement.Bind(6, recorded.Payload.Span).Run();
    }

    private static void BindMetadata(Statement statement, int index, ReadOnlyMemory<byte> metadata)
    {
        if (metadata.IsEmpty)
            statement.BindNull(index);
        else
            statement.Bind(index, metadata.Span);
    }

    private static void BindContent(Statement statement, EncodedEvent encoded, long checksum)
    {
        statement.Bind(5, encoded.SchemaVersion).Bind(7, encoded.Id).Bind(9, checksum);
        statement.Bind(10, encoded.CorrelationId).Bind(11, encoded.CausationId).Bind(14, StoredTags.Join(encoded.Tags));
        BindMetadata(statement, 15, encoded.MetadataBytes);
        statement.Bind(16, encoded.Payload.Span);
    }

    private void BindNames(Connection connection, Statement statement, EncodedEvent encoded)
    {
        statement
            .Bind(4, names.GetOrAdd(connection, encoded.Type))
            .Bind(6, names.GetOrAdd(connection, encoded.ContentType));
        BindName(connection, statement, 12, encoded.Source);
        BindName(connection, statement, 13, encoded.EncryptionKeyId);
    }

    private void BindName(Connection connection, Statement statement, int index, string? name)
    {
        if (name is null)
            statement.BindNull(index);
        else
            statement.Bind(index, names.GetOrAdd(connection, name));
    }
}
