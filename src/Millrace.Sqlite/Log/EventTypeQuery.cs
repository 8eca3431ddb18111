using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>Lists the types of the events. The number of steps depends only on the number of types.</summary>
internal static class EventTypeQuery
{
    private const string Find = """
        WITH RECURSIVE used(type) AS (
            SELECT min(type) FROM events
            UNION ALL
            SELECT (SELECT min(type) FROM events WHERE type > used.type) FROM used WHERE used.type IS NOT NULL)
        SELECT n.name FROM used JOIN names n ON n.id = used.type ORDER BY n.name
        """;

    public static IReadOnlyList<string> List(Connection connection)
    {
        var types = new List<string>();
        var statement = connection.Get(Find);
        while (statement.Step())
            types.Add(statement.GetText(0));
        statement.Reset();
        return types;
    }
}
