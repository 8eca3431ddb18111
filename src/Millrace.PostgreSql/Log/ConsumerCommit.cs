using System.Runtime.CompilerServices;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Commits the work of consumers in one round trip: it moves each checkpoint from its expected position, and writes the
/// documents.
/// </summary>
/// <remarks>
/// Documents without an expected version are fenced only by the row of their consumer, which
/// <see cref="GeneralCommit"/> checks first. Here, a separate statement moves the rows before any document table is
/// touched. It fails if a row has another checkpoint or lease epoch. Then nothing of the batch is written, and the
/// batch is decided by <see cref="GeneralCommit"/>.
/// <para>The same happens when the generation has changed: a batch may arrive after its connection was lost and its
/// outcome was resolved. The generation is checked twice. The first statement may see data from before it waited for
/// the row locks, and the batch may have been resolved during that wait. The second statement sees everything that was
/// committed before the locks were granted.</para>
/// </remarks>
internal sealed class ConsumerCommit(Database database, OptimisticCommit optimistic, Collections collections)
    : ICommitStrategy
{
    private const int MaxDocuments = 500; // Larger batches may use a bulk load, and take longer than a round trip.

    private readonly string _move = FormattableString.Invariant($"""
        WITH moved AS (
            UPDATE {database.Tables.Consumers} c SET checkpoint = u.goal
            FROM unnest($1, $2, $3, $4, $5) AS u (consumer, partition, lease_epoch, checkpoint, goal)
            WHERE c.consumer = u.consumer AND c.partition = u.partition AND c.lease_epoch = u.lease_epoch
                AND c.checkpoint = u.checkpoint AND (SELECT h.turn FROM {database.Tables.Header} h) = $7
            RETURNING 1)
        SELECT pg_advisory_xact_lock_shared({database.Tables.CommitMark.Class}, {database.Tables.CommitMark.Key}),
            1 / (count(*) = $6)::integer
        FROM moved
        """);
    private readonly string _startVersions = EndOfLogAtGeneration(
        database.Tables, $"nextval('{database.Tables.DocumentVersions}')");
    private readonly string _findEndAtGeneration = EndOfLogAtGeneration(database.Tables, "0::bigint");
    private readonly string _findEnd = End(database.Tables, "0::bigint");

    /// <summary>True to try this way at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>The number of batches committed this way.</summary>
    public long Hits { get; private set; }

    /// <summary>
    /// Commits the batch, or declines it when nothing was written and the batch must be committed by
    /// <see cref="GeneralCommit"/>.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CommitStepResult> TryCommit(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || !database.HasOwnCommits || !attempt.IsFirst || optimistic.Generation is not { } generation)
            return CommitStepResult.Declined;
        if (Assume(attempt.Batch) is not { } facts)
            return CommitStepResult.Declined;
        facts.Generation = generation;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        if (Array.Exists(outcomes, static outcome => outcome.Result != CommitResult.Committed))
            return CommitStepResult.Declined;
        try
        {
            if (!await Write(connection, attempt.Batch, outcomes, facts).ConfigureAwait(false))
                return CommitStepResult.Declined; // The next decision reads the facts.
        }
        catch (Exception failure) when (PostgreSqlErrors.IsConnectionLost(failure))
        {
            return CommitStepResult.Lost(failure, outcomes, facts, assumedBy: this);
        }
        Hits++;
        return CommitStepResult.Committed(Decide(attempt, facts));
    }

    /// <summary>
    /// Returns the outcomes of a batch that is known to be committed. Its consumers are locked, so that nothing was
    /// written after it.
    /// </summary>
    public async ValueTask<CommitOutcome[]> ReadOutcomes(
        NpgsqlConnection connection, CommitAttempt attempt, CommitStepResult step, CancellationToken cancellationToken)
    {
        var facts = step.Facts!; // Set when the batch was decided.
        var command = connection.Command(_findEnd);
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            await ReadEnd(row, facts).ConfigureAwait(false);
        }
        var index = Array.FindIndex(step.Outcomes, static outcome => outcome.DocumentVersion > 0);
        if (index >= 0
            && facts.Collections.TryGetValue(attempt.Batch[index].Documents[0].Collection, out var collection)
            && await DocumentQueries
                .Find(connection, collection, attempt.Batch[index].Documents[0].Key, cancellationToken)
                .ConfigureAwait(false)
                is { } document)
        {
            facts.LastDocumentVersion = document.Version - step.Outcomes[index].DocumentVersion;
        }
        return Decide(attempt, facts);
    }

    private CommitOutcome[] Decide(CommitAttempt attempt, BatchFacts facts) => CommitDecision.Decide(
        attempt.Batch, facts, database.Options.Clock == PostgreSqlClock.Node ? attempt.Now : facts.Now);

    /// <summary>
    /// Returns the facts that a batch assumes; null if it depends on more than the checkpoints of its consumers.
    /// </summary>
    private BatchFacts? Assume(IReadOnlyList<CommitRequest> batch)
    {
        var facts = new BatchFacts();
        var documents = 0;
        foreach (var request in batch)
        {
            if (request is not { Checkpoint: { From: { } from } move }
                || from == move.To
                || !IsConsumerCommitOnly(request)
                || !optimistic.HoldsFences(request.Guards))
                return null;
            foreach (var guard in request.Guards)
                facts.Add(guard.Stream, new StreamHead(guard.Version, 1, StreamState.Open));
            documents += request.Documents.Count;
            if (documents > MaxDocuments || !Assume(request.Documents, facts))
                return null;
            facts.AddCheckpoint(move.Consumer, move.Partition, new CheckpointFact(move.LeaseEpoch, from));
        }
        return facts;
    }

    private static bool IsConsumerCommitOnly(CommitRequest request) =>
        request.Appends.Count == 0
        && request.Conditions.Count == 0
        && request.Claims.Count == 0
        && request.Handled.Count == 0
        && request.Removals.Count == 0
        && request.Replacements.Count == 0
        && request.DeadLetters.Count == 0
        && request.Statements.Count == 0;

    /// <summary>
    /// Returns true if the changes only write documents, each once, in one collection that this node knows.
    /// </summary>
    private bool Assume(IReadOnlyList<DocumentChange> changes, BatchFacts facts)
    {
        if (changes.Count == 0)
            return true;
        if (collections.FindKnown(changes[0].Collection) is not { } collection)
            return false;
        facts.Collections[changes[0].Collection] = collection;
        var keys = new HashSet<string>(changes.Count, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.Body is null
                || change.FromVersion is not null
                || change.Position == 0
                || change.Collection != changes[0].Collection
                || change.Fields.Count != collection.Definition.Fields.Count
                || !keys.Add(change.Key))
            {
                return false;
            }
        }
        return true;
    }

    private async ValueTask<bool> Write(
        NpgsqlConnection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        var writes = new NpgsqlBatch(connection);
        await using var _ = writes.ConfigureAwait(false);
        AddMoves(writes, batch, facts.Generation);
        writes.Add(facts.Collections.Count == 0 ? _findEndAtGeneration : _startVersions).With(facts.Generation);
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Documents is { Count: > 0 } changes)
                AddDocuments(writes, facts.Collections[changes[0].Collection], changes, outcomes[i].DocumentVersion);
        }
        try
        {
            var row = await writes.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            await row.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
            await ReadEnd(row, facts).ConfigureAwait(false);
            while (await row.NextResultAsync(CancellationToken.None).ConfigureAwait(false))
                continue;
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            return false;
        }
    }

    /// <summary>
    /// Adds the checkpoint moves. Rows are locked in the order of consumer names, as in all statements.
    /// </summary>
    private void AddMoves(NpgsqlBatch writes, IReadOnlyList<CommitRequest> batch, long generation)
    {
        var moves = new CheckpointMove[batch.Count];
        for (var i = 0; i < moves.Length; i++)
            moves[i] = batch[i].Checkpoint!; // Checked before: each request has one.
        Array.Sort(
            moves,
            static (x, y) =>
                string.CompareOrdinal(x.Consumer, y.Consumer) is var order && order != 0
                    ? order
                    : x.Partition.CompareTo(y.Partition));
        writes
            .Add(_move)
            .With(Array.ConvertAll(moves, static move => move.Consumer))
            .With(Array.ConvertAll(moves, static move => move.Partition))
            .With(Array.ConvertAll(moves, static move => move.LeaseEpoch))
            .With(Array.ConvertAll(moves, static move => move.From!.Value))
            .With(Array.ConvertAll(moves, static move => move.To))
            .With((long)moves.Length)
            .With(generation);
    }

    private static void AddDocuments(
        NpgsqlBatch writes, Collection collection, IReadOnlyList<DocumentChange> changes, long version)
    {
        var keys = new string[changes.Count];
        var positions = new long[changes.Count];
        var bodies = new ReadOnlyMemory<byte>[changes.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var change = changes[i];
            keys[i] = StoredText.Check(change.Key);
            positions[i] = change.Position;
            bodies[i] = change.Body!.Value; // Checked before.
        }
        var command = writes.Add(collection.PutWithNewVersions).With(version).With(keys).With(positions).With(bodies);
        for (var field = 0; field < collection.Definition.Fields.Count; field++)
        {
            var values = new FieldValue[changes.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = changes[i].Fields[field];
            command.Parameters.Add(FieldCoding.Column(collection.Definition.Fields[field], values));
        }
    }

    private static async ValueTask ReadEnd(NpgsqlDataReader row, BatchFacts facts)
    {
        await row.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        facts.Now = row.GetTime(0);
        facts.LastDocumentVersion = row.GetInt64(1) * FactReader.VersionsInBatch;
        if (!row.IsDBNull(2))
        {
            facts.LastPosition = row.GetInt64(2);
            facts.LastTimestamp = row.GetTime(3);
        }
    }

    /// <summary>
    /// Returns the query for the end of the log, which fails if the generation differs from the given one.
    /// </summary>
    private static string EndOfLogAtGeneration(Tables tables, string version) =>
        End(tables, version, $", 1 / (SELECT (h.turn = $1)::integer FROM {tables.Header} h)");

    private static string End(Tables tables, string version, string more = "") => $"""
        SELECT clock_timestamp(), {version}, e.position, e.recorded_at{more} FROM (VALUES (1)) AS always (one) LEFT JOIN LATERAL (
            SELECT position, recorded_at FROM {tables.Events} ORDER BY position DESC LIMIT 1) e ON true
        """;
}
