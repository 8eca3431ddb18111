using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits any batch in two round trips: the first takes the log's lock in a statement of its own and reads the facts
/// in later ones, on what is committed by then; the second writes what was decided and commits. Work of consumers alone
/// does not take the lock.
/// </summary>
internal sealed class GeneralCommit(Database database, FactReader facts, ClockCheck clock, UserStatements statements)
{
    private readonly CommitWrites _writes = new(database.Tables);
    private readonly string _lock =
        $"SELECT pg_advisory_xact_lock({database.Tables.LogLock.Class}, {database.Tables.LogLock.Key})";
    private readonly string _limits = $"""
        SELECT set_config('lock_timeout', '{Database.Milliseconds(database.LockWait)}', true),
            set_config('idle_in_transaction_session_timeout', '{Database.Milliseconds(database.Options.HoldTimeout)}', true),
            pg_advisory_xact_lock_shared({database.Tables.CommitMark.Class}, {database.Tables.CommitMark.Key}),
            pg_current_xact_id()::text::bigint
        """;
    private readonly string _limitOfStatements =
        $"SELECT set_config('lock_timeout', '{Database.Milliseconds(database.Options.LockTimeout)}', true)";
    private readonly string _limitOfStatementsUnderLock =
        $"SELECT set_config('lock_timeout', '{Database.Milliseconds(database.LockWait)}', true), "
        + $"set_config('statement_timeout', '{Database.Milliseconds(database.Options.HoldTimeout)}', true)";
    private readonly string _limitUnderLock =
        $"SELECT set_config('lock_timeout', '{Database.LockTimeoutUnderLogLock}', true)";

    /// <summary>How many documents were loaded in bulk.</summary>
    public long Loaded { get; private set; }

    /// <summary>Commits, and returns on what facts.</summary>
    public async ValueTask<BatchFacts> Run(NpgsqlConnection connection, CommitAttempt attempt)
    {
        var isBeside = attempt.Batch.All(IsConsumerOnly);
        var read = await Read(connection, attempt, isBeside).ConfigureAwait(false);
        if (isBeside && !HasCheckpoints(attempt.Batch, read))
        {
            // Rows that are not there cannot be locked, and the log's lock is never taken behind others.
            await Rollback(connection).ConfigureAwait(false);
            isBeside = false;
            read = await Read(connection, attempt, isBeside).ConfigureAwait(false);
        }
        clock.Check(attempt, read);
        var outcomes = await Decide(connection, attempt, read).ConfigureAwait(false);
        var writes = new NpgsqlBatch(connection);
        await using var _ = writes.ConfigureAwait(false);
        var documents = CommitWrites.DocumentsOf(attempt.Batch, outcomes, read);
        var loaded = 0;
        foreach (var some in documents) // A load takes its time: never under the log's lock.
            loaded += attempt.IsFirst && isBeside ? await some.Load(connection).ConfigureAwait(false) : 0;
        _writes.Add(writes, attempt.Batch, outcomes, read, documents);
        (attempt.Outcomes, attempt.Transaction) = (outcomes, read.Transaction);
        if (FindStatements(attempt.Batch, outcomes) is { } own)
        {
            writes.Add(isBeside ? _limitOfStatements : _limitOfStatementsUnderLock);
            await writes.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            await statements.Run(connection, own, holdsLock: !isBeside).ConfigureAwait(false);
            writes.BatchCommands.Clear();
        }
        writes.Add("COMMIT");
        attempt.MayBeCommitted = true;
        await writes.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        Loaded += loaded;
        return read;
    }

    /// <summary>
    /// Whether a request commits beside the log: the work of a consumer, one part of it or the last with its
    /// checkpoint, without anything that must have its place among the appends. It is fenced by the row of its
    /// consumer, which is locked before anything is looked at.
    /// </summary>
    private static bool IsConsumerOnly(CommitRequest request) =>
        request.Checkpoint is not null
        && request.Appends.Count == 0
        && request.Conditions.Count == 0
        && request.Claims.Count == 0
        && request.Handled.Count == 0
        && request.Removals.Count == 0;

    private static bool HasCheckpoints(IReadOnlyList<CommitRequest> batch, BatchFacts read) =>
        batch.All(request => request.Checkpoint is { } move && read.HasCheckpoint(move.Consumer, move.Partition));

    /// <summary>The SQL of what is committed, in its order; null when there is none.</summary>
    private static List<SqlStatement>? FindStatements(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        List<SqlStatement>? own = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed && batch[i].Statements.Count > 0)
                (own ??= []).AddRange(batch[i].Statements);
        }
        return own;
    }

    private static async ValueTask Rollback(NpgsqlConnection connection)
    {
        var command = connection.Command("ROLLBACK");
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<BatchFacts> Read(NpgsqlConnection connection, CommitAttempt attempt, bool isBeside)
    {
        var read = new BatchFacts();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var questions = new FactQueryBatch(connection, read);
        await using var _ = questions.ConfigureAwait(false);
        questions.AddStatement("BEGIN");
        questions.Add(_limits, static (row, facts, _) => facts.Transaction = row.GetInt64(3));
        if (!isBeside)
        {
            questions.Add(_lock, null);
            questions.Add(_limitUnderLock, null);
        }
        facts.AddQueries(questions, read, attempt.Batch);
        FactReader.QueryVersions(questions, read, attempt.Batch, asked);
        await questions.Run(CancellationToken.None).ConfigureAwait(false);
        if (database.Options.Clock == PostgreSqlClock.Node)
            read.Now = attempt.Now;
        var more = new FactQueryBatch(connection, read);
        await using var __ = more.ConfigureAwait(false);
        FactReader.QueryVersions(more, read, attempt.Batch, asked);
        if (!more.IsEmpty)
            await more.Run(CancellationToken.None).ConfigureAwait(false);
        return read;
    }

    /// <summary>Decides; where that asks for places of events that were not foreseen, they are read and it is decided
    /// again.</summary>
    private async ValueTask<CommitOutcome[]> Decide(NpgsqlConnection connection, CommitAttempt attempt, BatchFacts read)
    {
        while (true)
        {
            var outcomes = CommitDecision.Decide(attempt.Batch, read, read.Now);
            if (read.Unread.Count == 0)
                return outcomes;
            var questions = new FactQueryBatch(connection, read);
            await using var _ = questions.ConfigureAwait(false);
            facts.QueryLocations(questions, read, attempt.Batch, read.Unread);
            await questions.Run(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
