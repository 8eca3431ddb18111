using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>The tables outside the log: claims, handled ids and checkpoints.</summary>
internal sealed class AuxiliaryTables(NameTable names)
{
    /// <summary>Finds the owner of a claim.</summary>
    public const string SelectClaim = "SELECT owner FROM claims WHERE scope = ?1 AND value = ?2";
    private const string SelectClaims =
        "SELECT value, owner FROM claims WHERE scope = ?1 AND (?2 IS NULL OR value > ?2) ORDER BY value LIMIT ?3";
    private const string TakeClaim = """
        INSERT INTO claims (scope, value, owner) VALUES (?1, ?2, ?3)
        ON CONFLICT (scope, value) DO UPDATE SET owner = excluded.owner WHERE owner = excluded.owner
        """;
    private const string ReleaseClaim = "DELETE FROM claims WHERE scope = ?1 AND value = ?2 AND owner = ?3";
    private const string SelectHandled = "SELECT answer, position, until FROM handled WHERE scope = ?1 AND id = ?2";
    private const string ListHandledAfter = """
        SELECT n.name, h.id, h.answer, h.position, h.until FROM handled h CROSS JOIN names n ON n.id = h.scope
        WHERE (h.scope, h.id) > (?1, ?2) AND h.until > ?3 AND length(h.answer) > 0 ORDER BY h.scope, h.id LIMIT ?4
        """;
    private const string SetHandled = """
        INSERT INTO handled (scope, id, answer, position, until) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (scope, id) DO UPDATE SET answer = excluded.answer, position = excluded.position, until = excluded.until
        """;
    private const string AddHandled = """
        INSERT INTO handled (scope, id, answer, position, until) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (scope, id) DO NOTHING
        """;
    private const string SelectCheckpoint =
        "SELECT lease_epoch, checkpoint FROM consumers WHERE consumer = ?1 AND partition = ?2";
    private const string MoveCheckpoint = """
        INSERT INTO consumers (consumer, partition, lease_epoch, checkpoint) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (consumer, partition) DO UPDATE SET checkpoint = excluded.checkpoint
        """;

    public static CheckpointFact GetCheckpoint(Connection connection, string consumer, int partition)
    {
        var statement = connection.Get(SelectCheckpoint).Bind(1, consumer).Bind(2, partition);
        var fact = statement.Step() ? new CheckpointFact(statement.GetInt64(0), statement.FindInt64(1)) : default;
        statement.Reset();
        return fact;
    }

    public static void Write(Connection connection, CheckpointMove move) =>
        connection
            .Get(MoveCheckpoint)
            .Bind(1, move.Consumer)
            .Bind(2, move.Partition)
            .Bind(3, move.LeaseEpoch)
            .Bind(4, move.To)
            .Run();

    public string? FindClaim(Connection connection, string scope, string value)
    {
        var number = names.Find(connection, scope);
        if (number == 0)
            return null;
        var statement = connection.Get(SelectClaim).Bind(1, number).Bind(2, value);
        var owner = statement.Step() ? statement.GetText(0) : null;
        statement.Reset();
        return owner;
    }

    public IReadOnlyList<StoredClaim> ListClaims(Connection connection, string scope, string? after, int limit)
    {
        var number = names.Find(connection, scope);
        if (number == 0)
            return [];
        var statement = connection.Get(SelectClaims).Bind(1, number).Bind(2, after).Bind(3, limit);
        var found = new List<StoredClaim>();
        while (statement.Step())
            found.Add(new StoredClaim(statement.GetText(0), statement.GetText(1)));
        statement.Reset();
        return found;
    }

    public HandledAnswer? FindHandled(Connection connection, string scope, string id, DateTimeOffset now)
    {
        var number = names.Find(connection, scope);
        if (number == 0)
            return null;
        var statement = connection.Get(SelectHandled).Bind(1, number).Bind(2, id);
        var answer = statement.Step() && statement.GetInt64(2) > StoredTime.ToMicroseconds(now)
            ? new HandledAnswer(statement.GetBytes(0).ToArray(), statement.GetInt64(1))
            : null;
        statement.Reset();
        return answer;
    }

    /// <summary>Lists the answers that are not empty, ordered by the number of the scope and by id.</summary>
    public IReadOnlyList<HandledRecord> ListHandled(
        Connection connection, HandledRecord? after, int limit, DateTimeOffset now)
    {
        var records = new List<HandledRecord>();
        var statement = connection.Get(ListHandledAfter)
            .Bind(1, after is null ? 0 : names.Find(connection, after.Scope))
            .Bind(2, after?.Id ?? "")
            .Bind(3, StoredTime.ToMicroseconds(now))
            .Bind(4, limit);
        while (statement.Step())
            records.Add(new HandledRecord(
                statement.GetText(0),
                statement.GetText(1),
                new HandledAnswer(statement.GetBytes(2).ToArray(), statement.GetInt64(3)),
                StoredTime.FromMicroseconds(statement.GetInt64(4))));
        statement.Reset();
        return records;
    }

    public void Write(Connection connection, Claim claim)
    {
        var statement = connection.Get(claim.IsRelease ? ReleaseClaim : TakeClaim);
        statement.Bind(1, names.GetOrAdd(connection, claim.Scope)).Bind(2, claim.Value).Bind(3, claim.Owner).Run();
        if (!claim.IsRelease && connection.Changes == 0)
            // The commit decision found that no owner holds the claim.
            throw new InvalidOperationException("A claim was accepted that another owner holds.");
    }

    /// <summary>
    /// Stores the answer for a handled id for which no valid answer was found. Replaces an expired answer.
    /// </summary>
    public void Write(Connection connection, HandledMark mark, long position) =>
        Write(connection, SetHandled, mark, position);

    /// <summary>
    /// Stores the answer for a handled id that was not looked up before. Returns false and changes nothing if the id is
    /// stored already.
    /// </summary>
    public bool TryAdd(Connection connection, HandledMark mark, long position)
    {
        Write(connection, AddHandled, mark, position);
        return connection.Changes > 0;
    }

    private void Write(Connection connection, string sql, HandledMark mark, long position) =>
        connection.Get(sql)
            .Bind(1, names.GetOrAdd(connection, mark.Scope))
            .Bind(2, mark.Id)
            .Bind(3, mark.Answer.Span)
            .Bind(4, position)
            .Bind(5, StoredTime.ToMicroseconds(mark.Until))
            .Run();
}
