using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// The events of a stream for a fold, as columns that can be part of another row: an array for each column, in version
/// order, whose elements are encoded like the fields of a row.
/// </summary>
internal static class FoldedStream
{
    /// <summary>The maximum number of events in one row. Later events follow in another page.</summary>
    public const int MaxEvents = 512;

    /// <summary>The number of columns.</summary>
    public const int ColumnCount = 7;

    /// <summary>The source columns.</summary>
    public const string Sources = "e.version, e.position, e.schema_version, e.type, e.content_type, e.payload";

    // Limits a row to 4 MiB. Larger payloads are not read this way.
    private const int MaxPayloadBytes = 8 * 1024;
    private const int Nullable = (1 << ColumnCount) - 1;

    /// <summary>Returns the query that aggregates selected events into one row, in order.</summary>
    public static string RowOf(string events) => $"""
        SELECT min(e.version), max(e.version), array_agg(e.position), array_agg(e.schema_version), array_agg(e.type),
            array_agg(e.content_type), array_agg(CASE WHEN octet_length(e.payload) <= {MaxPayloadBytes} THEN e.payload END)
        FROM ({events}) e
        """;

    /// <summary>Returns the number of events to select for a page: its size and one more.</summary>
    public static long SizeOf(int limit) => Math.Min(limit, MaxEvents) + 1L;

    /// <summary>
    /// Reads a page from the current row of a reader; null if a payload is too large, so that the page must be read
    /// event by event.
    /// </summary>
    public static EventPage? Read(NpgsqlDataReader row, RowBuffer memory, StreamId stream, long from, int limit)
    {
        memory.Copy(row, ColumnCount, Nullable);
        var fields = new RowFields(memory.Block, memory.Start);
        if (fields.FindInt64() is not { } first)
            return new EventPage([], Math.Max(from, 1), IsEnd: true);
        var last = fields.FindInt64();
        var positions = fields.Elements(out var count);
        if (last - first + 1 != count)
            return null;
        var events = new RecordedEvent[Math.Min(count, Math.Min(limit, MaxEvents))];
        return TryRead(ref fields, ref positions, stream, first, events)
            ? new EventPage(events, first + events.Length, IsEnd: events.Length == count)
            : null;
    }

    private static bool TryRead(
        ref RowFields fields, ref RowFields positions, StreamId stream, long first, RecordedEvent[] events)
    {
        var schemaVersions = fields.Elements(out _);
        var types = fields.Elements(out _);
        var contentTypes = fields.Elements(out _);
        var payloads = fields.Elements(out _);
        var previous = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            var position = positions.Int64();
            if (position <= previous || payloads.FindSlice() is not { } payload)
                return false;
            previous = position;
            events[i] = new RecordedEvent
            {
                Id = default,
                Timestamp = default,
                Stream = stream,
                Position = position,
                Version = first + i,
                SchemaVersion = schemaVersions.Int32(),
                Type = StringPool.Of(types.Next()),
                ContentType = contentTypes.FindText() ?? EventContentType.Json,
                Payload = payload,
            };
        }
        return true;
    }
}
