using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>
/// Counts events without reading each of them: positions and versions have no gaps except for removals.
/// </summary>
internal static class LogCounts
{
    private const string CountAll =
        "SELECT coalesce((SELECT max(position) FROM events), 0) - coalesce((SELECT sum(events) FROM removals), 0)";
    private const string CountInStreams = """
        SELECT sum(
            (SELECT max(version) FROM events WHERE stream = streams.id) - (SELECT min(version) FROM events WHERE stream = streams.id) + 1)
        FROM streams WHERE name >= ?1 AND name < ?2
        """;

    /// <summary>Returns the number of events.</summary>
    public static long All(Connection connection) => connection.Get(CountAll).Scalar();

    /// <summary>Returns the number of events in streams with a name prefix, which is not empty.</summary>
    public static long InStreams(Connection connection, string prefix) =>
        TextRange.Bind(connection.Get(CountInStreams), prefix, 1).Scalar();
}
