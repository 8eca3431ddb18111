using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>
/// Chooses how a filter is read: through the index with the rarest key, or by a scan of the log when most events match.
/// </summary>
/// <remarks>
/// If a filter has several keys, they are compared by the range of positions that some hundred events of each key
/// cover. Types, sources and streams often have many events. A sample of the log at the read position shows whether a
/// scan is faster than their index.
/// </remarks>
internal static class LogPlanner
{
    private const int MaxKeys = 16;
    private const int MaxStreams = 64;
    private const int SampleEvents = 200;
    private const int DenseFraction = 3; // If one in three events matches, a scan is faster than lookups.
    private const int SmallPage = 50;
    private const int MaxEventsInStreams = 50_000; // Their index is read from the start of each stream.
    private const string FindStreams = """
        SELECT id, (SELECT max(version) FROM events WHERE stream = streams.id) FROM streams WHERE name >= ?1 AND name < ?2 LIMIT ?3
        """;

    public static LogPlan Choose(Connection connection, StoredFilter filter, LogRange range, int limit)
    {
        var plans = PlansOf(connection, filter);
        if (plans.Count == 0)
            return LogPlan.Log;
        var best = plans.Count == 1 ? plans[0] : CheapestPlan(connection, plans, range);
        var mayBeDense = best.Source is LogSource.Type or LogSource.Source or LogSource.Stream && limit > SmallPage;
        return mayBeDense && IsDense(connection, filter, range) ? LogPlan.Log : best;
    }

    /// <summary>Returns whether an index covers a part of the filter, whether or not it is the fastest way.</summary>
    public static bool HasIndex(Connection connection, StoredFilter filter) => PlansOf(connection, filter).Count > 0;

    private static List<LogPlan> PlansOf(Connection connection, StoredFilter stored)
    {
        var plans = new List<LogPlan>();
        var filter = stored.Filter;
        if (filter.CorrelationId is { } correlation)
            plans.Add(new LogPlan(LogSource.Correlation, [new LogKey(0, null, correlation)]));
        foreach (var tag in filter.Tags)
            plans.Add(new LogPlan(LogSource.Tag, [new LogKey(0, tag.ToString(), null)]));
        if (filter.StreamPrefix is { Length: > 0 } prefix && StreamsOf(connection, prefix) is { } streams)
            plans.Add(new LogPlan(LogSource.Stream, streams));
        if (stored.Types.Length is > 0 and <= MaxKeys)
            plans.Add(
                new LogPlan(LogSource.Type, Array.ConvertAll(stored.Types, type => new LogKey(type, null, null))));
        if (stored.Source is { } source)
            plans.Add(new LogPlan(LogSource.Source, [new LogKey(source, null, null)]));
        return plans;
    }

    /// <summary>
    /// Returns the streams with a name prefix if they are few; null if they are many, and are filtered by their names.
    /// </summary>
    private static List<LogKey>? StreamsOf(Connection connection, string prefix)
    {
        if (char.IsHighSurrogate(prefix[^1]))
            return null; // A lone surrogate: streams with the whole character start with other bytes.
        var statement = TextRange.Bind(connection.Get(FindStreams), prefix, 1).Bind(3, MaxStreams + 1);
        var streams = new List<LogKey>();
        var events = 0L;
        while (statement.Step())
        {
            streams.Add(new LogKey(statement.GetInt64(0), null, null));
            events += statement.GetInt64(1);
        }
        statement.Reset();
        return streams.Count <= MaxStreams && events <= MaxEventsInStreams ? streams : null;
    }

    private static LogPlan CheapestPlan(Connection connection, List<LogPlan> plans, LogRange range)
    {
        var best = plans[0];
        var minDensity = double.MaxValue;
        foreach (var plan in plans)
        {
            var density = 0.0;
            foreach (var key in plan.Keys)
                density += DensityOf(connection, plan.Source, key, range);
            if (density < minDensity)
            {
                best = plan;
                minDensity = density;
            }
        }
        return best;
    }

    /// <summary>Returns the number of a key's events per position, from the start of the read.</summary>
    private static double DensityOf(Connection connection, LogSource source, LogKey key, LogRange range)
    {
        var statement = connection
            .Get(LogSourceSql.Probe(source, range.IsBackwards))
            .Bind(1, range.Low)
            .Bind(2, range.High);
        key.Bind(statement, 3);
        var probedPosition = statement.Scalar();
        if (probedPosition == 0)
            return 0; // So few that reading all of them is cheap.
        return (double)LogSourceSql.Probed
            / Math.Max(1, range.IsBackwards ? range.High - probedPosition : probedPosition - range.Low);
    }

    private static bool IsDense(Connection connection, StoredFilter filter, LogRange range)
    {
        using var cursor = new LogCursor(
            connection, LogPlan.Log, range.Low, range.High, range.IsBackwards, isWhole: false);
        var matches = 0;
        for (var i = 0; i < SampleEvents && cursor.Next(); i++)
        {
            if (filter.Matches(connection, cursor.Row) && ++matches >= SampleEvents / DenseFraction)
                return true;
        }
        return false;
    }
}
