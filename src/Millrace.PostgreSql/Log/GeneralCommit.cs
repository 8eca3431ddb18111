using System.Runtime.CompilerServices;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Commits any batch in two round trips. The first takes the log's lock in a separate statement, so that the following
/// queries see everything committed before; they read the facts. The second writes the decided batch and commits.
/// Batches that contain only consumer work do not take the lock.
/// </summary>
internal sealed class GeneralCommit(Database database, FactReader facts, ClockCheck clock, UserStatements statements)
    : ICommitStrategy
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

    /// <summary>The number of documents that were loaded in bulk.</summary>
    public long Loaded { get; private set; }

    /// <summary>Commits the batch; never declines it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CommitStepResult> TryCommit(NpgsqlConnection connection, CommitAttempt attempt)
    {
        var withoutLogLock = attempt.Batch.All(IsConsumerOnly);
        var batchFacts = await Read(connection, attempt, withoutLogLock).ConfigureAwait(false);
        if (withoutLogLock && !HasCheckpoints(attempt.Batch, batchFacts))
        {
            // Missing rows cannot be locked, and the log's lock is never taken after other locks. Start again with the
            // log's lock.
            await Rollback(connection).ConfigureAwait(false);
            withoutLogLock = false;
            batchFacts = await Read(connection, attempt, withoutLogLock).ConfigureAwait(false);
        }
        clock.Check(attempt, batchFacts);
        var outcomes = await Decide(connection, attempt, batchFacts).ConfigureAwait(false);
        var writes = new NpgsqlBatch(connection);
        await using var _ = writes.ConfigureAwait(false);
        var documents = CommitWrites.DocumentsOf(attempt.Batch, outcomes, batchFacts);
        var loaded = 0;
        foreach (var collection in documents) // A bulk load takes long, so it never runs under the log's lock.
            loaded += attempt.IsFirst && withoutLogLock ? await collection.Load(connection).ConfigureAwait(false) : 0;
        _writes.Add(writes, attempt.Batch, outcomes, batchFacts, documents);
        if (FindStatements(attempt.Batch, outcomes) is { } userStatements)
        {
            writes.Add(withoutLogLock ? _limitOfStatements : _limitOfStatementsUnderLock);
            await writes.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            await statements.Run(connection, userStatements, holdsLock: !withoutLogLock).ConfigureAwait(false);
            writes.BatchCommands.Clear();
        }
        writes.Add("COMMIT");
        try
        {
            await writes.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgreSqlErrors.IsConnectionLost(failure))
        {
            return CommitStepResult.Lost(failure, outcomes, batchFacts, assumedBy: null);
        }
        Loaded += loaded;
        return CommitStepResult.Committed(outcomes, batchFacts);
    }

    /// <summary>Returns the decided outcomes, because this strategy assumes no facts.</summary>
    public ValueTask<CommitOutcome[]> ReadOutcomes(
        NpgsqlConnection connection,
        CommitAttempt attempt,
        CommitStepResult step,
        CancellationToken cancellationToken) => new(step.Outcomes);

    /// <summary>
    /// Returns true if a request can commit without the log's lock: the work of a consumer, in part or complete with
    /// its checkpoint, without anything that needs an order among the appends. It is fenced by the row of its consumer,
    /// which is locked before any read. The fence of a tenant that moves needs no lock either: the mover acquires the
    /// leases of the tenant's consumers after it has changed the fence, and so waits for these commits.
    /// </summary>
    private static bool IsConsumerOnly(CommitRequest request) =>
        request.Checkpoint is not null
        && request.Appends.Count == 0
        && request.Guards.All(static guard => guard.IsFence)
        && request.Conditions.Count == 0
        && request.Claims.Count == 0
        && request.Handled.Count == 0
        && request.Removals.Count == 0
        && request.Replacements.Count == 0;

    private static bool HasCheckpoints(IReadOnlyList<CommitRequest> batch, BatchFacts batchFacts) =>
        batch.All(request => request.Checkpoint is { } move && batchFacts.HasCheckpoint(move.Consumer, move.Partition));

    /// <summary>Returns the user's SQL of the accepted requests in order; null if there is none.</summary>
    private static List<SqlStatement>? FindStatements(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        List<SqlStatement>? userStatements = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed && batch[i].Statements.Count > 0)
                (userStatements ??= []).AddRange(batch[i].Statements);
        }
        return userStatements;
    }

    private static async ValueTask Rollback(NpgsqlConnection connection)
    {
        var command = connection.Command("ROLLBACK");
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<BatchFacts> Read(NpgsqlConnection connection, CommitAttempt attempt, bool withoutLogLock)
    {
        var batchFacts = new BatchFacts();
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var questions = new FactQueryBatch(connection, batchFacts);
        await using var _ = questions.ConfigureAwait(false);
        questions.AddStatement("BEGIN");
        questions.Add(_limits, static (row, facts, _) => facts.Transaction = row.GetInt64(3));
        if (!withoutLogLock)
        {
            questions.Add(_lock, null);
            questions.Add(_limitUnderLock, null);
        }
        facts.AddQueries(questions, batchFacts, attempt.Batch);
        FactReader.QueryVersions(questions, batchFacts, attempt.Batch, streams);
        await questions.Run(CancellationToken.None).ConfigureAwait(false);
        if (database.Options.Clock == PostgreSqlClock.Node)
            batchFacts.Now = attempt.Now;
        var more = new FactQueryBatch(connection, batchFacts);
        await using var __ = more.ConfigureAwait(false);
        FactReader.QueryVersions(more, batchFacts, attempt.Batch, streams);
        if (!more.IsEmpty)
            await more.Run(CancellationToken.None).ConfigureAwait(false);
        return batchFacts;
    }

    /// <summary>
    /// Decides the batch. If the decision needs event locations that were not read, they are read and the batch is
    /// decided again.
    /// </summary>
    private async ValueTask<CommitOutcome[]> Decide(
        NpgsqlConnection connection, CommitAttempt attempt, BatchFacts batchFacts)
    {
        while (true)
        {
            var outcomes = CommitDecision.Decide(attempt.Batch, batchFacts, batchFacts.Now);
            if (batchFacts.Unread.Count == 0)
                return outcomes;
            var questions = new FactQueryBatch(connection, batchFacts);
            await using var _ = questions.ConfigureAwait(false);
            facts.QueryLocations(questions, batchFacts, attempt.Batch, batchFacts.Unread);
            await questions.Run(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
