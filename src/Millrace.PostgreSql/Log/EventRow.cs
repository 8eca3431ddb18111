using System.Text;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>The columns of an event, and their conversion from bytes.</summary>
/// <remarks>
/// Reading fifteen mostly empty columns with the driver took longer than decoding the payload. Sending them as one
/// record column costs the server more than separate columns.
/// </remarks>
internal static class EventRow
{
    /// <summary>All columns.</summary>
    public const string Columns = $"{IdentityColumns}, e.stream, {TypeColumns}, e.metadata, e.payload";

    /// <summary>All columns except the stream, for reads of a known stream.</summary>
    public const string ColumnsOfStream = $"{IdentityColumns}, NULL::text, {TypeColumns}, e.metadata, e.payload";

    /// <summary>All columns except metadata and payload.</summary>
    public const string BriefColumns = $"{IdentityColumns}, e.stream, {TypeColumns}, NULL::bytea, ''::bytea";

    /// <summary>The columns that a fold needs, for a known stream.</summary>
    public const string FoldedColumns = "e.position, e.version, e.schema_version, e.type, e.content_type, e.payload";

    /// <summary>The number of columns.</summary>
    public const int ColumnCount = 15;

    /// <summary>The number of columns for a fold.</summary>
    public const int FoldedCount = 6;

    private const int FoldedNullable = 1 << 4;

    /// <summary>
    /// The columns that may be null, as a bit mask: all but position, version, time, id, schema version, type and
    /// payload.
    /// </summary>
    private const int Nullable = (1 << ColumnCount) - 1 - (0b1111 | (1 << 6) | (1 << 8) | (1 << 14));

    private const string IdentityColumns =
        "e.position, e.version, e.recorded_at, e.id, e.correlation_id, e.causation_id, e.schema_version";

    private const string TypeColumns = "e.type, e.content_type, e.source, e.encryption_key_id, e.tags";

    /// <summary>Copies the current row of a reader.</summary>
    public static void Copy(NpgsqlDataReader row, RowBuffer memory) => memory.Copy(row, ColumnCount, Nullable);

    /// <summary>Copies the current row with the columns for a fold.</summary>
    public static void CopyFolded(NpgsqlDataReader row, RowBuffer memory) =>
        memory.Copy(row, FoldedCount, FoldedNullable);

    /// <summary>Reads the event in the current row of a reader.</summary>
    public static RecordedEvent Read(NpgsqlDataReader row, RowBuffer memory)
    {
        Copy(row, memory);
        return Read(memory.Block, memory.Start);
    }

    /// <summary>Reads an event from a row with all columns.</summary>
    /// <param name="block">The memory block with the row. The event keeps a reference to it.</param>
    /// <param name="start">The offset of the row.</param>
    /// <param name="stream">The stream, if it is known.</param>
    public static RecordedEvent Read(byte[] block, int start, StreamId? stream = null)
    {
        var fields = new RowFields(block, start);
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
            Type = StringPool.Of(fields.Next()),
            ContentType = fields.FindText() ?? EventContentType.Json,
            Source = fields.FindText(),
            EncryptionKeyId = fields.FindText(),
            Tags = fields.Tags(),
            MetadataBytes = fields.Slice(),
            Payload = fields.Slice(),
        };
    }

    /// <summary>Reads an event from a row with the columns for a fold.</summary>
    /// <inheritdoc cref="Read(byte[], int, StreamId?)"/>
    public static RecordedEvent ReadFolded(byte[] block, int start, StreamId stream)
    {
        var fields = new RowFields(block, start);
        return new RecordedEvent
        {
            Id = default,
            Timestamp = default,
            Stream = stream,
            Position = fields.Int64(),
            Version = fields.Int64(),
            SchemaVersion = fields.Int32(),
            Type = StringPool.Of(fields.Next()),
            ContentType = fields.FindText() ?? EventContentType.Json,
            Payload = fields.Slice(),
        };
    }

    /// <summary>Returns the position of the row's event.</summary>
    public static long ReadPosition(byte[] block, int start) => new RowFields(block, start).Int64();

    /// <summary>Returns the version of the row's event.</summary>
    public static long ReadVersion(byte[] block, int start)
    {
        var fields = new RowFields(block, start);
        fields.Int64();
        return fields.Int64();
    }

    private static StreamId ReadStream(ReadOnlySpan<byte> name, StreamId? known) =>
        known ?? new StreamId(Encoding.UTF8.GetString(name));
}
