using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.DeadLettering;

/// <summary>The table of dead letters: written in the transaction of a commit, queried by filter.</summary>
internal sealed class DeadLetterTable(Tables tables)
{
    /// <summary>Matches the open states. The partial indexes of the schema use the same condition.</summary>
    private const string Open = "state <= 3";

    private readonly string _insert =
        $"INSERT INTO {tables.DeadLetters} ({DeadLetterRow.Content}) VALUES ({Parameters()})";
    private readonly string _update = $"""
        UPDATE {tables.DeadLetters} SET ({DeadLetterRow.Content}) = ROW ({Parameters()}) WHERE id = ${DeadLetterRow.ContentColumns
            + 1}
        """;
    private readonly string _remove = $"DELETE FROM {tables.DeadLetters} WHERE id = $1";
    private readonly string _removeBeyond =
        $"DELETE FROM {tables.DeadLetters} WHERE consumer = $1 AND {Open} AND position > $2";
    private readonly string _findResolved = $"""
        SELECT {DeadLetterRow.Columns} FROM {tables.DeadLetters}
        WHERE consumer = $1 AND {Open} AND position > $2 AND (decision IS NOT NULL OR edited_payload IS NOT NULL)
        """;
    private readonly string _get = $"SELECT {DeadLetterRow.Columns} FROM {tables.DeadLetters} WHERE id = $1";
    private readonly string _find = $"""
        SELECT {DeadLetterRow.Columns} FROM {tables.DeadLetters} WHERE consumer = $1 AND partition = $2 AND position = $3 AND key = $4
        """;
    private readonly string _groups = $"""
        SELECT g.letters, g.first_failed, g.last_failed, l.* FROM (
            SELECT count(*) AS letters, min(first_failed_at) AS first_failed, max(last_failed_at) AS last_failed, min(id) AS sample
            FROM {tables.DeadLetters} WHERE {Open} AND cause IS NOT NULL AND ($1::text IS NULL OR consumer = $1)
            GROUP BY consumer, cause ORDER BY letters DESC, sample LIMIT $2) g
        JOIN (SELECT {DeadLetterRow.Columns} FROM {tables.DeadLetters}) l ON l.id = g.sample ORDER BY g.letters DESC, g.sample
        """;

    /// <summary>Adds the statement that writes or removes a dead letter.</summary>
    public void Write(NpgsqlBatch batch, DeadLetterChange change)
    {
        var deadLetter = change.DeadLetter;
        if (change.IsRemoval)
        {
            batch.Add(_remove).With(deadLetter.Id);
            return;
        }
        var command = batch.Add(deadLetter.Id == 0 ? _insert : _update);
        DeadLetterRow.Bind(command, deadLetter);
        if (deadLetter.Id != 0)
            command.With(deadLetter.Id);
    }

    /// <summary>
    /// Removes a consumer's open dead letters after a checkpoint, except those with a final decision. Called under the
    /// log's lock.
    /// </summary>
    public async ValueTask RemoveOpen(
        NpgsqlConnection connection, string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var find = connection.Command(_findResolved).With(consumer).With(checkpoint);
        var decided = await ReadAll(find, cancellationToken).ConfigureAwait(false);
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        foreach (var deadLetter in decided)
        {
            if (deadLetter.AfterReset() is { } kept)
                Write(batch, new DeadLetterChange(kept));
        }
        batch.Add(_removeBeyond).With(consumer).With(checkpoint);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<DeadLetter?> Get(
        NpgsqlConnection connection,
        long id,
        CancellationToken cancellationToken
    ) => (await ReadAll(connection.Command(_get).With(id), cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    public async ValueTask<DeadLetter?> Find(
        NpgsqlConnection connection,
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken)
    {
        var command = connection.Command(_find).With(consumer).With(partition).With(position).With(key);
        return (await ReadAll(command, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    public async ValueTask<IReadOnlyList<DeadLetter>> List(
        NpgsqlConnection connection, DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var columns = query.IsBrief ? DeadLetterRow.BriefColumns : DeadLetterRow.Columns;
        var sql = new SqlText($"SELECT {columns} FROM {tables.DeadLetters} WHERE ");
        sql.Append($"id > {sql.Parameter(query.After)}");
        AddConditions(sql, query);
        sql.Append($" ORDER BY id LIMIT {sql.Parameter(query.Limit)}");
        return await ReadAll(sql.Command(connection), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<long> Count(
        NpgsqlConnection connection, DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var sql = new SqlText($"SELECT count(*) FROM {tables.DeadLetters} WHERE true");
        AddConditions(sql, query);
        var command = sql.Command(connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        NpgsqlConnection connection, string? consumer, int limit, CancellationToken cancellationToken)
    {
        var command = connection.Command(_groups).With(consumer, NpgsqlDbType.Text).With(limit);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var groups = new List<DeadLetterGroup>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var sample = DeadLetterRow.Read(row, first: 3);
            groups.Add(new DeadLetterGroup(
                sample.Consumer,
                sample.Cause ?? "",
                row.GetInt64(0),
                row.FindTime(1) ?? DateTimeOffset.MaxValue,
                row.FindTime(2) ?? DateTimeOffset.MinValue,
                sample));
        }
        return groups;
    }

    private static string Parameters() =>
        string.Join(", ", Enumerable.Range(1, DeadLetterRow.ContentColumns).Select(number => $"${number}"));

    private static void AddConditions(SqlText sql, DeadLetterQuery query)
    {
        sql.Append($" AND position > {sql.Parameter(query.AfterPosition)}");
        Add("consumer", query.Consumer);
        Add("cause", query.Cause);
        Add("key", query.Key);
        Add("stream", query.Stream?.Value);
        Add("event_type", query.EventType);
        if (query.States.Count > 0)
            sql.Append($" AND state = ANY ({sql.Parameter(query.States.Select(state => (short)state).ToArray())})");

        void Add(string column, string? value)
        {
            if (value is not null)
                sql.Append($" AND {column} = {sql.Parameter(value)}");
        }
    }

    private static async ValueTask<List<DeadLetter>> ReadAll(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var deadLetters = new List<DeadLetter>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            deadLetters.Add(DeadLetterRow.Read(row));
        return deadLetters;
    }
}
