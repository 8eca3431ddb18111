using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Deletes, truncates and tombstones streams, and writes removal records.</summary>
internal static class RemovalWriter
{
    private const string FindFirst = "SELECT min(version) FROM events WHERE stream = ?1";
    private const string FindTags =
        "SELECT position, tags FROM events WHERE stream = ?1 AND version < ?2 AND tags IS NOT NULL";
    private const string DeleteTag = "DELETE FROM event_tags WHERE tag = ?1 AND position = ?2";
    private const string DeleteEvents = "DELETE FROM events WHERE stream = ?1 AND version < ?2";
    private const string InsertRecord = """
        INSERT INTO removals (stream, kind, from_version, to_version, events, reason, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """;

    public static void Write(Connection connection, StreamRemoval removal, DateTimeOffset at, CommitFacts facts)
    {
        var row = facts.GetRow(removal.Stream);
        var head = row.Head;
        var first =
            removal.Kind == RemovalKind.Delete
                ? head.FirstVersion
                : connection.Get(FindFirst).Bind(1, row.Number).Scalar();
        var (to, newHead) = removal.Kind switch
        {
            RemovalKind.Delete => (head.Version, new StreamHead(head.Version, head.Version + 1, StreamState.Deleted)),
            RemovalKind.Truncate => (
                removal.Before - 1,
                head with
                {
                    FirstVersion = Math.Max(head.FirstVersion, removal.Before),
                }
            ),
            _ => (head.Version - 1, new StreamHead(head.Version, head.Version + 1, StreamState.Closed)),
        };
        var count = removal.Kind == RemovalKind.Delete ? 0 : RemoveBefore(connection, row.Number, to + 1);
        if (removal.Kind == RemovalKind.Truncate && count == 0)
            return;
        StreamTable.Change(connection, row.Number, newHead.FirstVersion, newHead.State);
        facts.Update(removal.Stream, row with { Head = newHead });
        connection.Get(InsertRecord)
            .Bind(1, row.Number)
            .Bind(2, (int)removal.Kind)
            .Bind(3, count == 0 && removal.Kind != RemovalKind.Delete ? to + 1 : first)
            .Bind(4, to)
            .Bind(5, count)
            .Bind(6, removal.Reason)
            .Bind(7, removal.By)
            .Bind(8, StoredTime.ToMicroseconds(at))
            .Run();
    }

    /// <summary>Removes the events before a version from the log, and returns their number.</summary>
    private static long RemoveBefore(Connection connection, long stream, long version)
    {
        var tagged = new List<(long Position, IReadOnlyList<Tag> Tags)>();
        var statement = connection.Get(FindTags).Bind(1, stream).Bind(2, version);
        while (statement.Step())
            tagged.Add((statement.GetInt64(0), StoredTags.Split(connection, statement.GetBytes(1))));
        statement.Reset();
        foreach (var (position, tags) in tagged)
        {
            foreach (var tag in tags)
                connection.Get(DeleteTag).Bind(1, tag.ToString()).Bind(2, position).Run();
        }
        connection.Get(DeleteEvents).Bind(1, stream).Bind(2, version).Run();
        return connection.Changes;
    }
}
