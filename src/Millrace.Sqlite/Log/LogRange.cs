using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;

namespace Millrace.Sqlite.Log;

/// <summary>The inclusive range of positions that a query reads, and its direction.</summary>
internal readonly record struct LogRange(long Low, long High, bool IsBackwards)
{
    private const string FindTimeFrom =
        "SELECT position, timestamp FROM events WHERE position >= ?1 ORDER BY position LIMIT 1";

    public bool IsEmpty => Low > High;

    /// <summary>Returns the range of positions for a filter's times.</summary>
    public static LogRange Of(Connection connection, EventFilter filter, LogRange range)
    {
        if (filter.From is { } from)
            range = range with
            {
                Low = Math.Max(range.Low, FirstFrom(connection, StoredTime.ToMicrosecondsUp(from), range)),
            };
        if (filter.To is { } to)
            range = range with
            {
                High = Math.Min(range.High, FirstFrom(connection, StoredTime.ToMicrosecondsUp(to), range) - 1),
            };
        return range;
    }

    /// <summary>
    /// Returns the first position recorded at or after a time. Times never decrease in the log, so that a binary search
    /// finds it.
    /// </summary>
    private static long FirstFrom(Connection connection, long time, LogRange range)
    {
        var low = range.Low;
        var high = range.High + 1;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var statement = connection.Get(FindTimeFrom).Bind(1, middle);
            var isEarlier = statement.Step() && statement.GetInt64(1) < time;
            var position = isEarlier ? statement.GetInt64(0) : middle;
            statement.Reset();
            (low, high) = isEarlier ? (position + 1, high) : (low, middle);
        }
        return low;
    }
}
