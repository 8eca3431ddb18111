namespace Millrace.Sqlite;

/// <summary>The positions between which a query reads, both included, and in which direction.</summary>
internal readonly record struct LogRange(long Low, long High, bool IsBackwards)
{
    private const string FindTimeFrom =
        "SELECT position, timestamp FROM events WHERE position >= ?1 ORDER BY position LIMIT 1";

    public bool IsEmpty => Low > High;

    /// <summary>The range of positions in which a filter's times lie.</summary>
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

    /// <summary>The first position recorded at a time or later. Times never run backwards in the log, so it is searched
    /// for.</summary>
    private static long FirstFrom(Connection connection, long time, LogRange range)
    {
        var (low, high) = (range.Low, range.High + 1);
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
