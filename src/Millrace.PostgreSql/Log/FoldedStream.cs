using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// What folding needs of a stream's events, in one row with whatever else: an array for each column, in the order of
/// the versions, whose elements are written one behind the other as the fields of a row are.
/// </summary>
internal static class FoldedStream
{
    /// <summary>The most events that are read so; behind them begins another page.</summary>
    public const int MaxEvents = 512;

    /// <summary>How many columns there are.</summary>
    public const int ColumnCount = 7;

    /// <summary>The columns that it is made of.</summary>
    public const string Sources = "e.version, e.position, e.schema_version, e.type, e.content_type, e.payload";

    // So that no row has more than 4 MiB; a larger payload is not even looked at.
    private const int MaxPayloadBytes = 8 * 1024;
    private const int Nullable = (1 << ColumnCount) - 1;

    /// <summary>The row of the events that a query selects in order.</summary>
    public static string RowOf(string events) => $"""
        SELECT min(e.version), max(e.version), array_agg(e.position), array_agg(e.schema_version), array_agg(e.type),
            array_agg(e.content_type), array_agg(CASE WHEN octet_length(e.payload) <= {MaxPayloadBytes} THEN e.payload END)
        FROM ({events}) e
        """;

    /// <summary>How many events to select for a page, and one beyond it.</summary>
    public static long SizeOf(int limit) => Math.Min(limit, MaxEvents) + 1L;

    /// <summary>
    /// Reads the page from the row that a reader stands on; null where it must be read event by event, as one of the
    /// payloads is large.
    /// </summary>
    public static EventPage? Read(NpgsqlDataReader row, RowBuffer memory, StreamId stream, long from, int limit)
    {
        memory.Copy(row, ColumnCount, Nullable);
        var fields = new RowFields(memory.Piece, memory.Start);
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
        var shapes = fields.Elements(out _);
        var types = fields.Elements(out _);
        var contentTypes = fields.Elements(out _);
        var payloads = fields.Elements(out _);
        var before = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            var position = positions.Int64();
            if (position <= before || payloads.FindSlice() is not { } payload)
                return false;
            before = position;
            events[i] = new RecordedEvent
            {
                Id = default,
                Timestamp = default,
                Stream = stream,
                Position = position,
                Version = first + i,
                SchemaVersion = shapes.Int32(),
                Type = StringPool.Of(types.Next()),
                ContentType = contentTypes.FindText() ?? EventContentType.Json,
                Payload = payload,
            };
        }
        return true;
    }
}
