using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Finds out whether a batch is in the store whose connection broke while it was written.</summary>
internal sealed class CommitTrace(Tables tables)
{
    private readonly string _findPlace = $"SELECT id, position, recorded_at FROM {tables.Events} WHERE stream = $1 AND version = $2";
    private readonly string _findHandled = $"SELECT answer, position FROM {tables.Handled} WHERE scope = $1 AND id = $2";
    private readonly string _findCheckpoint =
        $"SELECT checkpoint FROM {tables.Consumers} WHERE consumer = $1 AND partition = $2 FOR UPDATE";
    private readonly string _findLetter = $"""
        SELECT revision FROM {tables.DeadLetters} WHERE consumer = $1 AND partition = $2 AND position = $3 AND key = $4
        """;

    /// <summary>
    /// Tells whether a batch that was to write something stands; null when it left nothing by which it could be told. Under the log's lock.
    /// </summary>
    public async ValueTask<bool?> Stands(
        NpgsqlConnection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, CancellationToken cancellationToken)
    {
        bool? stands = null;
        foreach (var i in CommitTraces.InOrder(batch, outcomes))
        {
            var isNote = CommitTraces.IsNote(batch[i]);
            if (stands is true && !isNote)
                break;
            var answer = await Stands(connection, batch[i], outcomes[i], cancellationToken).ConfigureAwait(false);
            if (answer is false || (answer is true && !isNote))
                return answer;
            stands ??= answer;
        }
        return stands;
    }

    private async ValueTask<bool?> Stands(
        NpgsqlConnection connection, CommitRequest request, CommitOutcome outcome, CancellationToken cancellationToken)
    {
        // Whoever still writes for this consumer, perhaps that very commit, ends before its row can be locked.
        var standing = request.Checkpoint is { } of
            ? await Find<long?>(connection.Command(_findCheckpoint).With(of.Consumer).With(of.Partition), null, cancellationToken)
                .ConfigureAwait(false)
            : null;
        if (request.Appends.Count > 0)
        {
            var place = await FindPlace(connection, request.Appends[0].Stream, outcome.Placements[0].FirstVersion, cancellationToken)
                .ConfigureAwait(false);
            return place?.Id == request.Appends[0].Events[0].Id;
        }
        if (request.Handled.Count > 0)
        {
            var mark = request.Handled[0];
            return mark.Stands(await FindAnswer(connection, mark, cancellationToken).ConfigureAwait(false), outcome.Position);
        }
        if (request.Checkpoint is { } move && move.From != move.To)
            return standing == move.To ? true : standing == move.From ? false : null;
        if (request.Documents.FirstOrDefault(change => change.Body is not null) is { } change)
            return await StandsDocument(connection, change, outcome.DocumentVersion, cancellationToken).ConfigureAwait(false);
        return request.DeadLetters.Count > 0
            ? await StandsLetter(connection, request.DeadLetters[0], cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>The event at a version of a stream.</summary>
    public async ValueTask<(Guid Id, long Position, DateTimeOffset RecordedAt)?> FindPlace(
        NpgsqlConnection connection, StreamId stream, long version, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findPlace).With(stream.Value).With(version);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? (row.GetGuid(0), row.GetInt64(1), row.GetTime(2)) : null;
    }

    private async ValueTask<HandledAnswer?> FindAnswer(NpgsqlConnection connection, HandledMark mark, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findHandled).With(mark.Scope).With(mark.Id);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new HandledAnswer(row.GetFieldValue<byte[]>(0), row.GetInt64(1))
            : null;
    }

    /// <summary>A version is given once: where it stands, the batch does. Where another stands, it may have come later.</summary>
    private async ValueTask<bool?> StandsDocument(
        NpgsqlConnection connection, DocumentChange change, long version, CancellationToken cancellationToken)
    {
        var collection = await new Collections(tables).FindStanding(connection, change.Collection, cancellationToken).ConfigureAwait(false);
        if (collection is null)
            return null;
        var document = await DocumentQueries.Find(connection, collection, change.Key, cancellationToken).ConfigureAwait(false);
        return document is null || document.Version > version ? null : document.Version == version;
    }

    private async ValueTask<bool?> StandsLetter(NpgsqlConnection connection, DeadLetterChange change, CancellationToken cancellationToken)
    {
        var letter = change.Letter;
        var command = connection.Command(_findLetter).With(letter.Consumer).With(letter.Partition).With(letter.Position).With(letter.Key);
        var revision = await Find(command, 0L, cancellationToken).ConfigureAwait(false);
        return change.IsRemoval ? revision == 0 : revision == letter.Revision + 1;
    }

    private static async ValueTask<T> Find<T>(NpgsqlCommand command, T otherwise, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(otherwise, cancellationToken).ConfigureAwait(false);
    }
}
