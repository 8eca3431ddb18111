using System.Text;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>How an event is read: as one column with all its fields in the server's binary form, and how it becomes an event.</summary>
/// <remarks>The driver's work for fifteen columns, most of them null, took longer than decoding the payload.</remarks>
internal static class EventRow
{
    /// <summary>The column.</summary>
    public const string Columns = $"record_send(ROW({Description}, e.metadata, e.payload))";

    /// <summary>The same, with neither metadata nor payload.</summary>
    public const string BriefColumns = $"record_send(ROW({Description}, NULL::bytea, ''::bytea))";

    private const string Description = """
        e.position, e.version, e.recorded_at, e.id, e.correlation_id, e.causation_id, e.schema_version, e.stream, e.type, e.content_type,
        e.source, e.encryption_key_id, e.tags
        """;

    /// <summary>Reads the row.</summary>
    /// <param name="row">The reader that stands on it.</param>
    /// <param name="stream">The stream, where it is known.</param>
    public static RecordedEvent Read(NpgsqlDataReader row, StreamId? stream = null)
    {
        var bytes = row.GetFieldValue<byte[]>(0);
        var fields = new RowFields(bytes);
        return new RecordedEvent
        {
            Position = fields.Int64(),
            Version = fields.Int64(),
            Timestamp = fields.Time(),
            Id = fields.Guid() ?? throw RowFields.Damaged(),
            CorrelationId = fields.Guid(),
            CausationId = fields.Guid(),
            SchemaVersion = fields.Int32(),
            Stream = ReadStream(fields.Next(), stream),
            Type = KnownTexts.Of(fields.Next()),
            ContentType = fields.FindText() ?? EventContentType.Json,
            Source = fields.FindText(),
            EncryptionKeyId = fields.FindText(),
            Tags = fields.Tags(),
            MetadataBytes = fields.Slice(),
            Payload = fields.Slice(),
        };
    }

    /// <summary>Where the row's event stands in the log.</summary>
    public static long ReadPosition(NpgsqlDataReader row) => new RowFields(row.GetFieldValue<byte[]>(0)).Int64();

    /// <summary>Where the row's event stands in its stream.</summary>
    public static long ReadVersion(NpgsqlDataReader row)
    {
        var fields = new RowFields(row.GetFieldValue<byte[]>(0));
        fields.Int64();
        return fields.Int64();
    }

    private static StreamId ReadStream(ReadOnlySpan<byte> name, StreamId? known) => known ?? new StreamId(Encoding.UTF8.GetString(name));
}
