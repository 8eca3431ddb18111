using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Documents;

/// <summary>The catalogue of read models, with the live collection of each.</summary>
/// <param name="tables">The tables.</param>
/// <param name="usesCallerTime">True to compare times with the caller's clock instead of the database's.</param>
internal sealed class ReadModelTable(Tables tables, bool usesCallerTime)
{
    private readonly string _listAll = $"""
        SELECT m.name, m.revision, m.live, m.building, m.kept, m.switches_itself, m.builds, r.collection, r.until
        FROM {tables.ReadModels} m LEFT JOIN {tables.RetiredCollections} r ON r.name = m.name ORDER BY m.name, r.collection
        """;
    private readonly string _findRevision = $"SELECT revision FROM {tables.ReadModels} WHERE name = $1";
    private readonly string _lockConsumers =
        $"SELECT FROM {tables.Consumers} WHERE consumer IN ($1, $2) ORDER BY consumer, partition FOR UPDATE";
    private readonly string _isBehind = $"""
        SELECT coalesce((SELECT min(coalesce(checkpoint, 0)) FROM {tables.Consumers} WHERE consumer = $1), 0)
            < coalesce((SELECT min(coalesce(checkpoint, 0)) FROM {tables.Consumers} WHERE consumer = $2), 0)
        """;
    private readonly string _put = $"""
        INSERT INTO {tables.ReadModels} (name, revision, live, building, kept, switches_itself, builds) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, live = excluded.live, building = excluded.building,
            kept = excluded.kept, switches_itself = excluded.switches_itself, builds = excluded.builds
        """;
    private readonly string _deleteRetiredOf = $"DELETE FROM {tables.RetiredCollections} WHERE name = $1";
    private readonly string _addRetired =
        $"INSERT INTO {tables.RetiredCollections} (collection, name, until) VALUES ($1, $2, $3)";
    private readonly string _lockConsumer =
        $"SELECT FROM {tables.Consumers} WHERE consumer = $1 ORDER BY partition FOR UPDATE";
    private readonly string _isUsed = $"""
        SELECT EXISTS (SELECT FROM {tables.ReadModels} WHERE $1 IN (live, building, kept))
            OR EXISTS (SELECT FROM {tables.RetiredCollections} WHERE collection = $1 AND until > coalesce($2, clock_timestamp()))
            OR EXISTS (SELECT FROM {tables.Consumers}
                WHERE consumer = $1 AND holder IS NOT NULL AND lease_until > coalesce($2, clock_timestamp()))
        """;
    private readonly string _raiseRevision = $"""
        UPDATE {tables.ReadModels} SET revision = revision + 1
        WHERE name IN (SELECT name FROM {tables.RetiredCollections} WHERE collection = $1)
        """;
    private readonly string _deleteRetired = $"DELETE FROM {tables.RetiredCollections} WHERE collection = $1";
    private readonly string _deleteConsumer = $"DELETE FROM {tables.Consumers} WHERE consumer = $1";
    private readonly string _deletePause = $"DELETE FROM {tables.PausedConsumers} WHERE consumer = $1";

    public async ValueTask<IReadOnlyList<ReadModelRecord>> List(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(_listAll);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<ReadModelRecord>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (found.Count == 0 || found[^1].Name != row.GetString(0))
                found.Add(Read(row));
            if (row.FindString(7) is { } retired)
                found[^1] = found[^1] with
                {
                    Retired = [.. found[^1].Retired, new RetiredCollection(retired, row.GetTime(8))],
                };
        }
        return found;
    }

    /// <summary>
    /// Writes the row of a read model. Returns false if its revision has changed, or if its live collection is behind
    /// the consumer <paramref name="reached"/>. Called under the log's lock.
    /// </summary>
    public async ValueTask<bool> Put(
        NpgsqlConnection connection, ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var find = connection.Command(_findRevision).With(record.Name);
        await using var _ = find.ConfigureAwait(false);
        if (await find.Scalar(0L, cancellationToken).ConfigureAwait(false) != record.Revision)
            return false;
        if (reached is not null
            && await IsBehind(connection, record.Live, reached, cancellationToken).ConfigureAwait(false))
            return false;
        var batch = new NpgsqlBatch(connection);
        await using var __ = batch.ConfigureAwait(false);
        batch
            .Add(_put)
            .With(record.Name)
            .With(record.Revision + 1)
            .With(record.Live)
            .With(record.Building, NpgsqlDbType.Text)
            .With(record.Kept, NpgsqlDbType.Text)
            .With(record.SwitchesAutomatically)
            .With(record.Builds);
        batch.Add(_deleteRetiredOf).With(record.Name);
        foreach (var retired in record.Retired)
            batch.Add(_addRetired).With(retired.Name).With(record.Name).With(retired.Until.UtcDateTime);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Returns true if a collection must be kept, because a read model refers to it or a node works on it. Until the
    /// end of the transaction, no node starts to work on it.
    /// </summary>
    public async ValueTask<bool> IsUsed(
        NpgsqlConnection connection, string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await Execute(connection.Command(_lockConsumer).With(collection), cancellationToken).ConfigureAwait(false);
        var command = connection.Command(_isUsed).With(collection)
            .With(usesCallerTime ? now.UtcDateTime : (DateTime?)null, NpgsqlDbType.TimestampTz);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a collection from the retired ones, and its consumer with its checkpoint and pause.</summary>
    public async ValueTask Remove(NpgsqlConnection connection, string collection, CancellationToken cancellationToken)
    {
        foreach (var sql in new[] { _raiseRevision, _deleteRetired, _deleteConsumer, _deletePause })
            await Execute(connection.Command(sql).With(collection), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns true if a collection is behind a consumer. Checkpoints move without the log's lock. Both rows are
    /// therefore locked, so that no checkpoint moves until the end of the transaction.
    /// </summary>
    private async ValueTask<bool> IsBehind(
        NpgsqlConnection connection, string live, string reached, CancellationToken cancellationToken)
    {
        await Execute(connection.Command(_lockConsumers).With(live).With(reached), cancellationToken)
            .ConfigureAwait(false);
        var behind = connection.Command(_isBehind).With(live).With(reached);
        await using var _ = behind.ConfigureAwait(false);
        return await behind.Scalar(false, cancellationToken).ConfigureAwait(false);
    }

    private static ReadModelRecord Read(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        Revision = row.GetInt64(1),
        Live = row.GetString(2),
        Building = row.FindString(3),
        Kept = row.FindString(4),
        SwitchesAutomatically = row.GetBoolean(5),
        Builds = row.GetInt64(6),
    };

    private static async ValueTask Execute(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
