using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>The catalogue of read models: which collection of each is read.</summary>
internal static class ReadModelTable
{
    private const string ListAll =
        "SELECT name, revision, live, building, kept, switches_itself, builds FROM read_models ORDER BY name";
    private const string FindRevision = "SELECT revision FROM read_models WHERE name = ?1";
    private const string IsBehind = """
        SELECT coalesce((SELECT checkpoint FROM consumers WHERE consumer = ?1 AND partition = 0), 0)
            < coalesce((SELECT checkpoint FROM consumers WHERE consumer = ?2 AND partition = 0), 0)
        """;
    private const string PutOne = """
        INSERT OR REPLACE INTO read_models (name, revision, live, building, kept, switches_itself, builds)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """;
    private const string CountNaming = "SELECT count(*) FROM read_models WHERE ?1 IN (live, building, kept)";
    private const string DeleteConsumer = "DELETE FROM consumers WHERE consumer = ?1";
    private const string DeletePause = "DELETE FROM paused_consumers WHERE consumer = ?1";

    public static List<ReadModelRecord> List(Connection connection)
    {
        var found = new List<ReadModelRecord>();
        var statement = connection.Get(ListAll);
        while (statement.Step())
        {
            found.Add(new ReadModelRecord
            {
                Name = statement.GetText(0),
                Revision = statement.GetInt64(1),
                Live = statement.GetText(2),
                Building = statement.IsNull(3) ? null : statement.GetText(3),
                Kept = statement.IsNull(4) ? null : statement.GetText(4),
                SwitchesItself = statement.GetInt64(5) != 0,
                Builds = statement.GetInt64(6),
            });
        }
        statement.Reset();
        return found;
    }

    /// <summary>Writes a row; false when it has moved on, or its live collection is behind a consumer.</summary>
    public static bool Put(Connection connection, ReadModelRecord record, string? reached)
    {
        if (connection.Get(FindRevision).Bind(1, record.Name).Scalar() != record.Revision)
            return false;
        if (reached is not null && connection.Get(IsBehind).Bind(1, record.Live).Bind(2, reached).Scalar() != 0)
            return false;
        connection.Get(PutOne)
            .Bind(1, record.Name)
            .Bind(2, record.Revision + 1)
            .Bind(3, record.Live)
            .Bind(4, record.Building)
            .Bind(5, record.Kept)
            .Bind(6, record.SwitchesItself ? 1L : 0L)
            .Bind(7, record.Builds)
            .Run();
        return true;
    }

    /// <summary>Whether a row names a collection.</summary>
    public static bool Names(Connection connection, string collection) => connection.Get(CountNaming).Bind(1, collection).Scalar() > 0;

    /// <summary>Removes a consumer with its checkpoint and pause.</summary>
    public static void RemoveConsumer(Connection connection, string consumer)
    {
        connection.Get(DeleteConsumer).Bind(1, consumer).Run();
        connection.Get(DeletePause).Bind(1, consumer).Run();
    }
}
