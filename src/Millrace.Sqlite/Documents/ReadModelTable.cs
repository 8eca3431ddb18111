using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>The catalogue of read models, with the live collection of each.</summary>
internal static class ReadModelTable
{
    private const string ListAll = """
        SELECT m.name, m.revision, m.live, m.building, m.kept, m.switches_itself, m.builds, r.collection, r.until
        FROM read_models m LEFT JOIN retired_collections r ON r.name = m.name ORDER BY m.name, r.collection
        """;
    private const string FindRevision = "SELECT revision FROM read_models WHERE name = ?1";
    private const string IsBehind = """
        SELECT coalesce((SELECT min(coalesce(checkpoint, 0)) FROM consumers WHERE consumer = ?1), 0)
            < coalesce((SELECT min(coalesce(checkpoint, 0)) FROM consumers WHERE consumer = ?2), 0)
        """;
    private const string PutOne = """
        INSERT OR REPLACE INTO read_models (name, revision, live, building, kept, switches_itself, builds)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """;
    private const string DeleteRetiredOf = "DELETE FROM retired_collections WHERE name = ?1";
    private const string AddRetired = "INSERT INTO retired_collections (collection, name, until) VALUES (?1, ?2, ?3)";
    private const string CountUses = """
        SELECT (SELECT count(*) FROM read_models WHERE ?1 IN (live, building, kept))
            + (SELECT count(*) FROM retired_collections WHERE collection = ?1 AND until > ?2)
            + (SELECT count(*) FROM consumers WHERE consumer = ?1 AND holder IS NOT NULL AND lease_until > ?2)
        """;
    private const string RaiseRevision = """
        UPDATE read_models SET revision = revision + 1 WHERE name IN (SELECT name FROM retired_collections WHERE collection = ?1)
        """;
    private const string DeleteRetired = "DELETE FROM retired_collections WHERE collection = ?1";
    private const string DeleteConsumer = "DELETE FROM consumers WHERE consumer = ?1";
    private const string DeletePause = "DELETE FROM paused_consumers WHERE consumer = ?1";

    public static List<ReadModelRecord> List(Connection connection)
    {
        var found = new List<ReadModelRecord>();
        var statement = connection.Get(ListAll);
        while (statement.Step())
        {
            if (found.Count == 0 || found[^1].Name != statement.GetText(0))
                found.Add(Read(statement));
            if (!statement.IsNull(7))
            {
                var retired = new RetiredCollection(
                    statement.GetText(7), StoredTime.FromMicroseconds(statement.GetInt64(8)));
                found[^1] = found[^1] with { Retired = [.. found[^1].Retired, retired] };
            }
        }
        statement.Reset();
        return found;
    }

    /// <summary>
    /// Writes the row of a read model. Returns false if its revision has changed, or if its live collection is behind
    /// the consumer <paramref name="reached"/>.
    /// </summary>
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
            .Bind(6, record.SwitchesAutomatically ? 1L : 0L)
            .Bind(7, record.Builds)
            .Run();
        connection.Get(DeleteRetiredOf).Bind(1, record.Name).Run();
        foreach (var retired in record.Retired)
        {
            var until = StoredTime.ToMicroseconds(retired.Until);
            connection.Get(AddRetired).Bind(1, retired.Name).Bind(2, record.Name).Bind(3, until).Run();
        }
        return true;
    }

    /// <summary>
    /// Returns true if a collection must be kept, because a read model refers to it or a node works on it.
    /// </summary>
    public static bool IsUsed(Connection connection, string collection, DateTimeOffset now) =>
        connection.Get(CountUses).Bind(1, collection).Bind(2, StoredTime.ToMicroseconds(now)).Scalar() > 0;

    /// <summary>Removes a collection from the retired ones, and its consumer with its checkpoint and pause.</summary>
    public static void Remove(Connection connection, string collection)
    {
        connection.Get(RaiseRevision).Bind(1, collection).Run();
        connection.Get(DeleteRetired).Bind(1, collection).Run();
        connection.Get(DeleteConsumer).Bind(1, collection).Run();
        connection.Get(DeletePause).Bind(1, collection).Run();
    }

    private static ReadModelRecord Read(Statement statement) => new()
    {
        Name = statement.GetText(0),
        Revision = statement.GetInt64(1),
        Live = statement.GetText(2),
        Building = statement.FindText(3),
        Kept = statement.FindText(4),
        SwitchesAutomatically = statement.GetInt64(5) != 0,
        Builds = statement.GetInt64(6),
    };
}
