using System.Text;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The columns that an event is read from, and how their bytes become an event.</summary>
/// <remarks>
/// The driver's own reading of fifteen columns, most of them null, took longer than decoding the payload; a record of
/// them all in one column takes the server longer to make than the columns.
/// </remarks>
internal static class EventRow
{
    /// <summary>The columns.</summary>
    public const string Columns = $"{Place}, e.stream, {Kind}, e.metadata, e.payload";

    /// <summary>The same where the stream is known, and not told again with each event.</summary>
    public const string ColumnsOfStream = $"{Place}, NULL::text, {Kind}, e.metadata, e.payload";

    /// <summary>The same, with neither metadata nor payload.</summary>
    public const string BriefColumns = $"{Place}, e.stream, {Kind}, NULL::bytea, ''::bytea";

    /// <summary>What folding needs, where the stream is known.</summary>
    public const string FoldedColumns = "e.position, e.version, e.schema_version, e.type, e.content_type, e.payload";

    /// <summary>How many columns there are.</summary>
    public const int ColumnCount = 15;

    /// <summary>How many there are for folding.</summary>
    public const int FoldedCount = 6;

    private const int FoldedNullable = 1 << 4;

    /// <summary>Which may be null, by their bits: all but position, version, time, id, schema version, type and
    /// payload.</summary>
    private const int Nullable = (1 << ColumnCount) - 1 - (0b1111 | (1 << 6) | (1 << 8) | (1 << 14));

    private const string Place =
        "e.position, e.version, e.recorded_at, e.id, e.correlation_id, e.causation_id, e.schema_version";

    private const string Kind = "e.type, e.content_type, e.source, e.encryption_key_id, e.tags";

    /// <summary>Copies the row that a reader stands on.</summary>
    public static void Copy(NpgsqlDataReader row, RowBuffer memory) => memory.Copy(row, ColumnCount, Nullable);

    /// <summary>Copies the row of what folding needs that a reader stands on.</summary>
    public static void CopyFolded(NpgsqlDataReader row, RowBuffer memory) =>
        memory.Copy(row, FoldedCount, FoldedNullable);

    /// <summary>Reads the row that a reader stands on.</summary>
    public static RecordedEvent Read(NpgsqlDataReader row, RowBuffer memory)
    {
        Copy(row, memory);
        return Read(memory.Piece, memory.Start);
    }

    /// <summary>Reads a row of the columns.</summary>
    /// <param name="piece">The memory that holds it, which the event keeps.</param>
    /// <param name="start">Where the row begins.</param>
    /// <param name="stream">The stream, where it is known.</param>
    public static RecordedEvent Read(byte[] piece, int start, StreamId? stream = null)
    {
        var fields = new RowFields(piece, start);
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

    /// <summary>Reads a row of what folding needs.</summary>
    /// <inheritdoc cref="Read(byte[], int, StreamId?)"/>
    public static RecordedEvent ReadFolded(byte[] piece, int start, StreamId stream)
    {
        var fields = new RowFields(piece, start);
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

    /// <summary>Where the row's event stands in the log.</summary>
    public static long ReadPosition(byte[] piece, int start) => new RowFields(piece, start).Int64();

    /// <summary>Where the row's event stands in its stream.</summary>
    public static long ReadVersion(byte[] piece, int start)
    {
        var fields = new RowFields(piece, start);
        fields.Int64();
        return fields.Int64();
    }

    private static StreamId ReadStream(ReadOnlySpan<byte> name, StreamId? known) =>
        known ?? new StreamId(Encoding.UTF8.GetString(name));
}
