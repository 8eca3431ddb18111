using System.Text;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.DeadLettering;

/// <summary>The table of dead letters: written in the transaction of a commit, queried by filter.</summary>
internal static class DeadLetterTable
{
    /// <summary>Matches the open states. The partial indexes of the schema use the same condition.</summary>
    private const string Open = "state <= 3";
    private const int FirstValue = 4;
    private const string FindFact =
        "SELECT id, revision FROM dead_letters WHERE consumer = ?1 AND partition = ?2 AND position = ?3 AND key = ?4";
    private const string FindOne =
        $"SELECT {DeadLetterRow.Columns} FROM dead_letters WHERE consumer = ?1 AND partition = ?2 AND position = ?3 "
            + "AND key = ?4";
    private const string GetOne = $"SELECT {DeadLetterRow.Columns} FROM dead_letters WHERE id = ?1";
    private const string Put = $"""
        INSERT OR REPLACE INTO dead_letters ({DeadLetterRow.Columns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)
        """;
    private const string Remove = "DELETE FROM dead_letters WHERE id = ?1";
    private const string RemoveBeyond = $"DELETE FROM dead_letters WHERE consumer = ?1 AND {Open} AND position > ?2";
    private const string FindDecided = $"""
        SELECT {DeadLetterRow.Columns} FROM dead_letters
        WHERE consumer = ?1 AND {Open} AND position > ?2 AND (decision IS NOT NULL OR edited_payload IS NOT NULL)
        """;
    private const string Groups = $"""
        SELECT g.letters, g.first_failed, g.last_failed, l.* FROM (
            SELECT count(*) AS letters, min(first_failed_at) AS first_failed, max(last_failed_at) AS last_failed, min(id) AS sample
            FROM dead_letters WHERE {Open} AND cause IS NOT NULL AND (?1 IS NULL OR consumer = ?1)
            GROUP BY consumer, cause ORDER BY letters DESC, sample LIMIT ?2) g
        JOIN (SELECT {DeadLetterRow.Columns} FROM dead_letters) l ON l.id = g.sample ORDER BY g.letters DESC, g.sample
        """;

    public static DeadLetterFact GetFact(
        Connection connection, string consumer, int partition, long position, string key)
    {
        var statement = BindKey(connection.Get(FindFact), consumer, partition, position, key);
        var fact = statement.Step() ? new DeadLetterFact(statement.GetInt64(0), statement.GetInt64(1)) : default;
        statement.Reset();
        return fact;
    }

    public static void Write(Connection connection, DeadLetterChange change)
    {
        var deadLetter = change.DeadLetter;
        if (change.IsRemoval)
        {
            connection.Get(Remove).Bind(1, deadLetter.Id).Run();
            return;
        }
        var statement = connection.Get(Put);
        _ = deadLetter.Id == 0 ? statement.BindNull(1) : statement.Bind(1, deadLetter.Id);
        DeadLetterRow.Bind(statement, deadLetter);
        statement.Run();
    }

    /// <summary>
    /// Removes a consumer's open dead letters after a checkpoint, except those with a final decision.
    /// </summary>
    public static void RemoveOpen(Connection connection, string consumer, long checkpoint)
    {
        var decided = new List<DeadLetter>();
        var statement = connection.Get(FindDecided).Bind(1, consumer).Bind(2, checkpoint);
        while (statement.Step())
            decided.Add(DeadLetterRow.Read(statement));
        statement.Reset();
        foreach (var deadLetter in decided)
        {
            if (deadLetter.AfterReset() is { } kept)
                Write(connection, new DeadLetterChange(kept));
        }
        connection.Get(RemoveBeyond).Bind(1, consumer).Bind(2, checkpoint).Run();
    }

    public static DeadLetter? Get(Connection connection, long id) => ReadOne(connection.Get(GetOne).Bind(1, id));

    public static DeadLetter? Find(Connection connection, string consumer, int partition, long position, string key) =>
        ReadOne(BindKey(connection.Get(FindOne), consumer, partition, position, key));

    public static List<DeadLetter> List(Connection connection, DeadLetterQuery query)
    {
        var columns = query.IsBrief ? DeadLetterRow.BriefColumns : DeadLetterRow.Columns;
        var sql = new StringBuilder($"SELECT {columns} FROM dead_letters WHERE id > ?1");
        var statement = Bind(connection, sql, " ORDER BY id LIMIT ?2", query).Bind(1, query.After).Bind(2, query.Limit);
        var deadLetters = new List<DeadLetter>();
        while (statement.Step())
            deadLetters.Add(DeadLetterRow.Read(statement));
        statement.Reset();
        return deadLetters;
    }

    public static long Count(Connection connection, DeadLetterQuery query) =>
        Bind(connection, new StringBuilder("SELECT count(*) FROM dead_letters WHERE id > ?1 AND ?2"), "", query)
            .Bind(1, 0).Bind(2, 1).Scalar();

    public static List<DeadLetterGroup> ListGroups(Connection connection, string? consumer, int limit)
    {
        var groups = new List<DeadLetterGroup>();
        var statement = connection.Get(Groups).Bind(1, consumer).Bind(2, limit);
        while (statement.Step())
        {
            var sample = DeadLetterRow.Read(statement, first: 3);
            groups.Add(new DeadLetterGroup(
                sample.Consumer,
                sample.Cause ?? "",
                statement.GetInt64(0),
                DeadLetterRow.ReadTime(statement, 1) ?? DateTimeOffset.MaxValue,
                DeadLetterRow.ReadTime(statement, 2) ?? DateTimeOffset.MinValue,
                sample));
        }
        statement.Reset();
        return groups;
    }

    private static Statement BindKey(Statement statement, string consumer, int partition, long position, string key) =>
        statement.Bind(1, consumer).Bind(2, partition).Bind(3, position).Bind(4, key);

    private static DeadLetter? ReadOne(Statement statement)
    {
        var found = statement.Step() ? DeadLetterRow.Read(statement) : null;
        statement.Reset();
        return found;
    }

    /// <summary>
    /// Adds the conditions of a query and binds their parameters. The first of them is parameter 3, the position.
    /// </summary>
    private static Statement Bind(Connection connection, StringBuilder sql, string end, DeadLetterQuery query)
    {
        var values = new List<string>();
        sql.Append(" AND position > ?3");
        Add("consumer", query.Consumer);
        Add("cause", query.Cause);
        Add("key", query.Key);
        Add("stream", query.Stream?.Value);
        Add("event_type", query.EventType);
        if (query.States.Count > 0)
            sql.Append(" AND state IN (").AppendJoin(", ", query.States.Select(state => (int)state)).Append(')');
        var statement = connection.Get(sql.Append(end).ToString()).Bind(3, query.AfterPosition);
        for (var i = 0; i < values.Count; i++)
            statement.Bind(i + FirstValue, values[i]);
        return statement;

        void Add(string column, string? value)
        {
            if (value is null)
                return;
            values.Add(value);
            sql.Append($" AND {column} = ?{values.Count + FirstValue - 1}");
        }
    }
}
