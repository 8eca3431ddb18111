using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits the work of consumers in one round trip: it moves their checkpoints, each from where it must stand, and
/// writes their documents.
/// </summary>
/// <remarks>
/// Documents of which nobody asks that they have a version are fenced by the row of their consumer alone, and that is
/// what the general way looks at first. Here a statement of its own moves the rows, before any table of documents is
/// touched, and fails where one stands otherwise or is leased anew: then nothing of the batch is written, and it is
/// decided the general way. So it is where the turn has moved on: a batch that arrives after it was given up, and was
/// looked for, finds that it has. The turn is looked at twice. What the first statement sees may be older than the rows
/// that it then waited for, and who looks for the batch may be done with them by then: the second one sees what was
/// committed before they were had.
/// </remarks>
internal sealed class ConsumerCommit(Database database, OptimisticCommit fast, Collections collections)
{
    private const int MaxDocuments = 500; // More may be loaded in bulk, and take longer than a round trip.

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
    private readonly string _beginVersions = EndOfLogAtGeneration(
        database.Tables, $"nextval('{database.Tables.DocumentVersions}')");
    private readonly string _findEndAtGeneration = EndOfLogAtGeneration(database.Tables, "0::bigint");
    private readonly string _findEnd = End(database.Tables, "0::bigint");

    /// <summary>Whether it is tried at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>How many batches were written so.</summary>
    public long Hits { get; private set; }

    /// <summary>Commits the batch, or returns null when nothing was written and it has to be committed the general
    /// way.</summary>
    public async ValueTask<CommitOutcome[]?> Try(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || !database.HasOwnCommits || !attempt.IsFirst || fast.Generation is not { } turn)
            return null;
        if (Assume(attempt.Batch) is not { } facts)
            return null;
        facts.Generation = turn;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        if (Array.Exists(outcomes, static one => one.Result != CommitResult.Committed))
            return null;
        (attempt.Outcomes, attempt.ConsumerFacts, attempt.MayBeCommitted) = (outcomes, facts, true);
        var isWritten = await Write(connection, attempt.Batch, outcomes, facts).ConfigureAwait(false);
        attempt.MayBeCommitted = false;
        if (!isWritten)
        {
            (attempt.Outcomes, attempt.ConsumerFacts) = (null, null); // What is decided next is decided on facts.
            return null;
        }
        Hits++;
        (attempt.Outcomes, attempt.ConsumerFacts) = (Decide(attempt, facts), null);
        return attempt.Outcomes;
    }

    /// <summary>The outcomes of a batch that is known to stand, under the lock of its consumers: nobody has written
    /// after it.</summary>
    public async ValueTask<CommitOutcome[]> Found(
        NpgsqlConnection connection, CommitAttempt attempt, BatchFacts facts, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findEnd);
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            await ReadEnd(row, facts).ConfigureAwait(false);
        }
        // What may be committed was decided.
        var index = Array.FindIndex(attempt.Outcomes!, static one => one.DocumentVersion > 0);
        if (index >= 0
            && facts.Collections.TryGetValue(attempt.Batch[index].Documents[0].Collection, out var collection)
            && await DocumentQueries
                .Find(connection, collection, attempt.Batch[index].Documents[0].Key, cancellationToken)
                .ConfigureAwait(false)
                is { } document)
        {
            facts.LastDocumentVersion = document.Version - attempt.Outcomes![index].DocumentVersion;
        }
        return Decide(attempt, facts);
    }

    private CommitOutcome[] Decide(CommitAttempt attempt, BatchFacts facts) => CommitDecision.Decide(
        attempt.Batch, facts, database.Options.Clock == PostgreSqlClock.Node ? attempt.Now : facts.Now);

    /// <summary>What a batch takes for granted; null where it asks for more than that its consumers stand where they
    /// must.</summary>
    private BatchFacts? Assume(IReadOnlyList<CommitRequest> batch)
    {
        var facts = new BatchFacts();
        var documents = 0;
        foreach (var request in batch)
        {
            if (request is not { Checkpoint: { From: { } from } move }
                || from == move.To
                || !IsConsumerCommitOnly(request))
                return null;
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
        && request.DeadLetters.Count == 0
        && request.Statements.Count == 0;

    /// <summary>Whether documents are only written, each once, in one collection that this node knows.</summary>
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
        writes.Add(facts.Collections.Count == 0 ? _findEndAtGeneration : _beginVersions).With(facts.Generation);
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

    /// <summary>The rows are locked in the order of their names, as everywhere.</summary>
    private void AddMoves(NpgsqlBatch writes, IReadOnlyList<CommitRequest> batch, long turn)
    {
        var moves = new CheckpointMove[batch.Count];
        for (var i = 0; i < moves.Length; i++)
            moves[i] = batch[i].Checkpoint!; // Each has one, from where it stands.
        Array.Sort(
            moves,
            static (one, other) =>
                string.CompareOrdinal(one.Consumer, other.Consumer) is var order && order != 0
                    ? order
                    : one.Partition.CompareTo(other.Partition));
        writes
            .Add(_move)
            .With(Array.ConvertAll(moves, static move => move.Consumer))
            .With(Array.ConvertAll(moves, static move => move.Partition))
            .With(Array.ConvertAll(moves, static move => move.LeaseEpoch))
            .With(Array.ConvertAll(moves, static move => move.From!.Value))
            .With(Array.ConvertAll(moves, static move => move.To))
            .With((long)moves.Length)
            .With(turn);
    }

    private static void AddDocuments(
        NpgsqlBatch writes, Collection collection, IReadOnlyList<DocumentChange> changes, long version)
    {
        var (keys, positions) = (new string[changes.Count], new long[changes.Count]);
        var bodies = new ReadOnlyMemory<byte>[changes.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var change = changes[i];
            // Looked at.
            (keys[i], positions[i], bodies[i]) = (StoredText.Check(change.Key), change.Position, change.Body!.Value);
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
            (facts.LastPosition, facts.LastTimestamp) = (row.GetInt64(2), row.GetTime(3));
    }

    /// <summary>Where the log ends; fails where the turn is another than the one that is given.</summary>
    private static string EndOfLogAtGeneration(Tables tables, string version) =>
        End(tables, version, $", 1 / (SELECT (h.turn = $1)::integer FROM {tables.Header} h)");

    private static string End(Tables tables, string version, string more = "") => $"""
        SELECT clock_timestamp(), {version}, e.position, e.recorded_at{more} FROM (VALUES (1)) AS always (one) LEFT JOIN LATERAL (
            SELECT position, recorded_at FROM {tables.Events} ORDER BY position DESC LIMIT 1) e ON true
        """;
}
