using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>The catalogue of read models: which collection of each is read.</summary>
internal sealed class ReadModelTable(Tables tables)
{
    private readonly string _listAll =
        $"SELECT name, revision, live, building, kept, switches_itself, builds FROM {tables.ReadModels} ORDER BY name";
    private readonly string _findRevision = $"SELECT revision FROM {tables.ReadModels} WHERE name = $1";
    private readonly string _isBehind = $"""
        SELECT coalesce((SELECT checkpoint FROM {tables.Consumers} WHERE consumer = $1 AND partition = 0), 0)
            < coalesce((SELECT checkpoint FROM {tables.Consumers} WHERE consumer = $2 AND partition = 0), 0)
        """;
    private readonly string _put = $"""
        INSERT INTO {tables.ReadModels} (name, revision, live, building, kept, switches_itself, builds) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, live = excluded.live, building = excluded.building,
            kept = excluded.kept, switches_itself = excluded.switches_itself, builds = excluded.builds
        """;
    private readonly string _isNamed = $"SELECT count(*) FROM {tables.ReadModels} WHERE $1 IN (live, building, kept)";
    private readonly string _deleteConsumer = $"DELETE FROM {tables.Consumers} WHERE consumer = $1";
    private readonly string _deletePause = $"DELETE FROM {tables.PausedConsumers} WHERE consumer = $1";

    public async ValueTask<IReadOnlyList<ReadModelRecord>> List(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(_listAll);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<ReadModelRecord>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(new ReadModelRecord
            {
                Name = row.GetString(0),
                Revision = row.GetInt64(1),
                Live = row.GetString(2),
                Building = row.FindString(3),
                Kept = row.FindString(4),
                SwitchesItself = row.GetBoolean(5),
                Builds = row.GetInt64(6),
            });
        }
        return found;
    }

    /// <summary>Writes a row; false when it has moved on, or its live collection is behind a consumer. Under the log's lock.</summary>
    public async ValueTask<bool> Put(
        NpgsqlConnection connection, ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var find = connection.Command(_findRevision).With(record.Name);
        await using var _ = find.ConfigureAwait(false);
        if (await find.Scalar(0L, cancellationToken).ConfigureAwait(false) != record.Revision)
            return false;
        if (reached is not null)
        {
            var behind = connection.Command(_isBehind).With(record.Live).With(reached);
            await using var __ = behind.ConfigureAwait(false);
            if (await behind.Scalar(false, cancellationToken).ConfigureAwait(false))
                return false;
        }
        var put = connection.Command(_put).With(record.Name).With(record.Revision + 1).With(record.Live)
            .With(record.Building, NpgsqlDbType.Text).With(record.Kept, NpgsqlDbType.Text).With(record.SwitchesItself).With(record.Builds);
        await using var ___ = put.ConfigureAwait(false);
        await put.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Whether a row names a collection.</summary>
    public async ValueTask<bool> Names(NpgsqlConnection connection, string collection, CancellationToken cancellationToken)
    {
        var command = connection.Command(_isNamed).With(collection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false) > 0;
    }

    /// <summary>Removes a consumer with its checkpoint and pause.</summary>
    public async ValueTask RemoveConsumer(NpgsqlConnection connection, string consumer, CancellationToken cancellationToken)
    {
        foreach (var sql in new[] { _deleteConsumer, _deletePause })
        {
            var command = connection.Command(sql).With(consumer);
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
