using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>Determines whether a batch is in the store after its connection was lost during the write.</summary>
internal sealed class InDoubtCheck(Tables tables)
{
    // If the server's next transaction number is lower, it has never started the transaction.
    private const string FindStatus = """
        SELECT CASE WHEN $1::text::xid8 < pg_snapshot_xmax(pg_current_snapshot()) THEN pg_xact_status($1::text::xid8) ELSE 'aborted' END
        """;

    private readonly string _findLocations = $"""
        SELECT e.id, e.position, coalesce(b.first_version > u.version, false)
        FROM unnest($1, $2) WITH ORDINALITY AS u (stream, version, number)
        LEFT JOIN {tables.Events} e ON e.stream = u.stream AND e.version = u.version
        LEFT JOIN {tables.StreamBounds} b ON b.stream = u.stream ORDER BY u.number
        """;
    private readonly string _findHandled =
        $"SELECT answer, position FROM {tables.Handled} WHERE scope = $1 AND id = $2";
    private readonly string _findCheckpoint =
        $"SELECT checkpoint FROM {tables.Consumers} WHERE consumer = $1 AND partition = $2 FOR UPDATE";
    private readonly string _findDeadLetter = $"""
        SELECT revision FROM {tables.DeadLetters} WHERE consumer = $1 AND partition = $2 AND position = $3 AND key = $4
        """;

    /// <summary>
    /// Returns whether the writes of a batch are in the store; null if nothing in the store shows it.
    /// The caller must hold the log's lock.
    /// </summary>
    /// <remarks>
    /// An aborted transaction has written nothing. A committed transaction with the same number may be another one, of
    /// another server after a fail-over. The batch's own rows therefore decide.
    /// </remarks>
    public async ValueTask<bool?> IsCommitted(
        NpgsqlConnection connection,
        IReadOnlyList<CommitRequest> batch,
        CommitStepResult step,
        CancellationToken cancellationToken)
    {
        var outcomes = step.Outcomes;
        var appends = CommitMarkers.AppendsOf(batch, outcomes);
        if (appends.Count > 0)
            await AwaitConsumers(connection, batch, cancellationToken).ConfigureAwait(false);
        if (step.Facts?.Transaction is { } transaction
            && await IsAborted(connection, transaction, cancellationToken).ConfigureAwait(false))
            return false;
        if (appends.Count > 0)
            return await IsWritten(
                connection, appends, arePositionsAssumed: step.AssumedBy is not null, cancellationToken)
                .ConfigureAwait(false);
        bool? isCommitted = null;
        foreach (var i in CommitMarkers.InOrder(batch, outcomes))
        {
            var isNote = CommitMarkers.IsNote(batch[i]);
            if (isCommitted is true && !isNote)
                break;
            var result = await IsCommitted(connection, batch[i], outcomes[i], cancellationToken).ConfigureAwait(false);
            if (result is false || (result is true && !isNote))
                return result;
            isCommitted ??= result;
        }
        return isCommitted;
    }

    private async ValueTask<bool?> IsCommitted(
        NpgsqlConnection connection, CommitRequest request, CommitOutcome outcome, CancellationToken cancellationToken)
    {
        var checkpoint = request.Checkpoint is { } expected
            ? await FindCheckpoint(connection, expected, cancellationToken).ConfigureAwait(false)
            : null;
        if (request.Handled.Count > 0)
        {
            var mark = request.Handled[0];
            return mark.WasWrittenAt(
                await FindAnswer(connection, mark, cancellationToken).ConfigureAwait(false), outcome.Position);
        }
        if (request.Checkpoint is { } move && move.From != move.To)
            return checkpoint == move.To ? true : checkpoint == move.From ? false : null;
        if (request.Documents.FirstOrDefault(change => change.Body is not null) is { } change)
            return await IsDocumentWritten(connection, change, outcome.DocumentVersion, cancellationToken)
                .ConfigureAwait(false);
        return request.DeadLetters.Count > 0
            ? await IsDeadLetterWritten(connection, request.DeadLetters[0], cancellationToken).ConfigureAwait(false)
            : null;
    }

    private static async ValueTask<bool> IsAborted(
        NpgsqlConnection connection, long transaction, CancellationToken cancellationToken)
    {
        var command = connection.Command(FindStatus).With(transaction);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar("", cancellationToken).ConfigureAwait(false) == "aborted";
    }

    /// <summary>
    /// Returns whether all events of the batch are at their positions relative to the first one; null if all of them
    /// have been removed from their streams since.
    /// </summary>
    private async ValueTask<bool?> IsWritten(
        NpgsqlConnection connection, List<(StreamAppend Append, AppendPlacement Placement)> appends,
        bool arePositionsAssumed,
        CancellationToken cancellationToken)
    {
        var command = connection.Command(_findLocations)
            .With(appends.ConvertAll(static one => one.Append.Stream.Value).ToArray())
            .With(appends.ConvertAll(static one => one.Placement.FirstVersion).ToArray());
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        long? shift = arePositionsAssumed ? null : 0;
        bool? isCommitted = null;
        foreach (var (append, placement) in appends)
        {
            await row.ReadAsync(cancellationToken).ConfigureAwait(false);
            var isRemoved = row.IsDBNull(0) && row.GetBoolean(2);
            if (isRemoved)
                continue;
            if (row.IsDBNull(0) || row.GetGuid(0) != append.Events[0].Id)
                return false;
            shift ??= row.GetInt64(1) - placement.FirstPosition;
            if (row.GetInt64(1) != placement.FirstPosition + shift)
                return false;
            isCommitted = true;
        }
        return isCommitted;
    }

    /// <summary>
    /// Waits until no transaction writes for the consumers of a batch, including the batch's own transaction, so that
    /// their rows can be locked. Rows are locked in the order of names, as in all statements.
    /// </summary>
    private async ValueTask AwaitConsumers(
        NpgsqlConnection connection, IReadOnlyList<CommitRequest> batch, CancellationToken cancellationToken)
    {
        var moves = batch.Select(static request => request.Checkpoint).OfType<CheckpointMove>()
            .OrderBy(static move => move.Consumer, StringComparer.Ordinal).ThenBy(static move => move.Partition);
        foreach (var move in moves)
            await FindCheckpoint(connection, move, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<long?> FindCheckpoint(
        NpgsqlConnection connection, CheckpointMove move, CancellationToken cancellationToken) =>
        Find<long?>(
            connection.Command(_findCheckpoint).With(move.Consumer).With(move.Partition), null, cancellationToken);

    private async ValueTask<HandledAnswer?> FindAnswer(
        NpgsqlConnection connection, HandledMark mark, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findHandled).With(mark.Scope).With(mark.Id);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new HandledAnswer(row.GetFieldValue<byte[]>(0), row.GetInt64(1))
            : null;
    }

    /// <summary>
    /// Returns whether a document was written. A version is assigned only once, so that its presence proves the commit.
    /// A higher version may have been written later, and proves nothing.
    /// </summary>
    private async ValueTask<bool?> IsDocumentWritten(
        NpgsqlConnection connection, DocumentChange change, long version, CancellationToken cancellationToken)
    {
        var collection = await new Collections(tables)
            .FindCurrent(connection, change.Collection, cancellationToken)
            .ConfigureAwait(false);
        if (collection is null)
            return null;
        var document = await DocumentQueries
            .Find(connection, collection, change.Key, cancellationToken)
            .ConfigureAwait(false);
        return document is null || document.Version > version ? null : document.Version == version;
    }

    private async ValueTask<bool?> IsDeadLetterWritten(
        NpgsqlConnection connection, DeadLetterChange change, CancellationToken cancellationToken)
    {
        var deadLetter = change.DeadLetter;
        var command = connection
            .Command(_findDeadLetter)
            .With(deadLetter.Consumer)
            .With(deadLetter.Partition)
            .With(deadLetter.Position)
            .With(deadLetter.Key);
        var revision = await Find(command, 0L, cancellationToken).ConfigureAwait(false);
        return change.IsRemoval ? revision == 0 : revision == deadLetter.Revision + 1;
    }

    private static async ValueTask<T> Find<T>(NpgsqlCommand command, T otherwise, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(otherwise, cancellationToken).ConfigureAwait(false);
    }
}
