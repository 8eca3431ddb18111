using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The columns in which an event is read, and how a row of them becomes one.</summary>
internal static class EventRow
{
    public const string Columns = $"{Description}, e.metadata, e.payload";

    /// <summary>The same, with neither metadata nor payload.</summary>
    public const string BriefColumns = $"{Description}, NULL::bytea, ''::bytea";

    private const string Description = """
        e.position, e.version, e.recorded_at, e.id, e.correlation_id, e.causation_id, e.schema_version, e.stream, e.type, e.content_type,
        e.source, e.encryption_key_id, e.tags
        """;

    private const int Metadata = 13;
    private const int Payload = 14;

    /// <summary>Reads the row.</summary>
    /// <param name="row">The reader that stands on it.</param>
    /// <param name="stream">The stream, where it is known.</param>
    public static RecordedEvent Read(NpgsqlDataReader row, StreamId? stream = null)
    {
        var (metadata, payload) = ReadBytes(row);
        return new RecordedEvent
        {
            Position = row.GetInt64(0),
            Version = row.GetInt64(1),
            Timestamp = row.GetTime(2),
            Id = row.GetGuid(3),
            CorrelationId = row.FindGuid(4),
            CausationId = row.FindGuid(5),
            SchemaVersion = row.GetInt32(6),
            Stream = stream ?? new StreamId(row.GetString(7)),
            Type = row.GetString(8),
            ContentType = row.FindString(9) ?? EventContentType.Json,
            Source = row.FindString(10),
            EncryptionKeyId = row.FindString(11),
            Tags = row.IsDBNull(12) ? [] : Array.ConvertAll(row.GetFieldValue<string[]>(12), Tag.Parse),
            MetadataBytes = metadata,
            Payload = payload,
        };
    }

    /// <summary>Both texts of bytes in one array.</summary>
    private static (ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Payload) ReadBytes(NpgsqlDataReader row)
    {
        var before = row.IsDBNull(Metadata) ? 0 : (int)row.GetBytes(Metadata, 0, null, 0, 0);
        var after = (int)row.GetBytes(Payload, 0, null, 0, 0);
        if (before + after == 0)
            return default;
        var bytes = GC.AllocateUninitializedArray<byte>(before + after);
        if (before > 0)
            row.GetBytes(Metadata, 0, bytes, 0, before);
        if (after > 0)
            row.GetBytes(Payload, 0, bytes, before, after);
        return (bytes.AsMemory(0, before), bytes.AsMemory(before));
    }
}
