using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>The consumers on PostgreSQL. Times are those given by the callers.</summary>
internal sealed class PostgreSqlLeases(Database database) : ILeaseStorage
{
    private readonly LetterTable _letters = new(database.Tables);
    private readonly string _addPartition = $"""
        INSERT INTO {database.Tables.Consumers} (consumer, partition) VALUES ($1, $2) ON CONFLICT (consumer, partition) DO NOTHING
        """;
    private readonly string _takeLease = $"""
        INSERT INTO {database.Tables.Consumers} AS c (consumer, partition, holder, lease_epoch, lease_until) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (consumer, partition) DO UPDATE SET
            lease_epoch = c.lease_epoch + CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN 1 ELSE 0 END,
            holder = excluded.holder, lease_until = excluded.lease_until
        WHERE c.holder IS NULL OR c.holder = excluded.holder OR c.lease_until <= $5
        """;
    private readonly string _giveBack =
        $"UPDATE {database.Tables.Consumers} SET holder = NULL WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3";
    private readonly string _setState = $"""
        UPDATE {database.Tables.Consumers} SET state = $4, error = $5, reported_at = $6
        WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3
        """;
    private readonly string _addPause =
        $"INSERT INTO {database.Tables.PausedConsumers} (consumer) VALUES ($1) ON CONFLICT (consumer) DO NOTHING";
    private readonly string _removePause = $"DELETE FROM {database.Tables.PausedConsumers} WHERE consumer = $1";
    private readonly string _setCheckpoint = $"""
        UPDATE {database.Tables.Consumers} SET checkpoint = $2, holder = NULL, lease_epoch = lease_epoch + 1 WHERE consumer = $1
        """;
    private readonly string _findOne = Select(database.Tables) + " WHERE c.consumer = $1 AND c.partition = $2";
    private readonly string _listAll = Select(database.Tables) + " ORDER BY c.consumer, c.partition";

    public async ValueTask<ConsumerRecord> Acquire(
        string consumer, int partition, string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.Read(
            static async (connection, ask, cancel) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using var _ = batch.ConfigureAwait(false);
                batch.Add(ask.self._takeLease).With(ask.consumer).With(ask.partition).With(ask.holder)
                    .With((ask.now + ask.duration).UtcDateTime).With(ask.now.UtcDateTime);
                batch.Add(ask.self._findOne).With(ask.consumer).With(ask.partition);
                return (await ReadAll(batch, cancel).ConfigureAwait(false))[0];
            },
            (self: this, consumer, partition, holder, duration, now),
            cancellationToken).ConfigureAwait(false);

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_giveBack).With(consumer).With(partition).With(epoch), cancellationToken);

    public ValueTask Report(
        string consumer, int partition, long epoch, string state, string? error, DateTimeOffset now, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_setState).With(consumer).With(partition).With(epoch)
            .With(StoredText.Escape(state), NpgsqlDbType.Text).With(StoredText.Escape(error), NpgsqlDbType.Text)
            .With(now.UtcDateTime), cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        Execute(
            batch =>
            {
                batch.Add(_addPartition).With(consumer).With(0);
                batch.Add(isPaused ? _addPause : _removePause).With(consumer);
            },
            cancellationToken);

    public async ValueTask Reset(string consumer, long checkpoint, CancellationToken cancellationToken) => await database.Write(
        static async (connection, ask, cancel) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var _ = batch.ConfigureAwait(false);
            batch.Add(ask.self._addPartition).With(ask.consumer).With(0);
            batch.Add(ask.self._setCheckpoint).With(ask.consumer).With(ask.checkpoint);
            await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            await ask.self._letters.RemoveOpen(connection, ask.consumer, ask.checkpoint, cancel).ConfigureAwait(false);
            return 0;
        },
        (self: this, consumer, checkpoint), takesLock: true, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) => await database.Read(
        static async (connection, sql, cancel) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var _ = batch.ConfigureAwait(false);
            batch.Add(sql);
            return await ReadAll(batch, cancel).ConfigureAwait(false);
        },
        _listAll,
        cancellationToken).ConfigureAwait(false);

    private static string Select(Tables tables) => $"""
        SELECT c.consumer, c.partition, c.holder, c.lease_epoch, c.lease_until, c.checkpoint, p.consumer IS NOT NULL, c.state, c.error,
            c.reported_at,
            (SELECT count(*) FROM {tables.DeadLetters} d WHERE d.consumer = c.consumer AND d.state <= 3 AND d.partition = c.partition),
            (SELECT count(*) FROM {tables.DeadLetters} d
                WHERE d.consumer = c.consumer AND d.state <= 3 AND d.state = 3 AND d.partition = c.partition)
        FROM {tables.Consumers} c LEFT JOIN {tables.PausedConsumers} p ON p.consumer = c.consumer
        """;

    private static async ValueTask<List<ConsumerRecord>> ReadAll(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var row = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        var records = new List<ConsumerRecord>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            records.Add(new ConsumerRecord
            {
                Consumer = row.GetString(0),
                Partition = row.GetInt32(1),
                Holder = row.FindString(2),
                LeaseEpoch = row.GetInt64(3),
                LeaseUntil = row.GetTime(4),
                Checkpoint = row.FindInt64(5),
                IsPaused = row.GetBoolean(6),
                State = StoredText.Unescape(row.FindString(7)),
                Error = StoredText.Unescape(row.FindString(8)),
                ReportedAt = row.FindTime(9),
                OpenLetters = row.GetInt64(10),
                ReleasedLetters = row.GetInt64(11),
            });
        }
        return records;
    }

    private async ValueTask Execute(Action<NpgsqlBatch> fill, CancellationToken cancellationToken) => await database.Read(
        static async (connection, fill, cancel) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var _ = batch.ConfigureAwait(false);
            fill(batch);
            return await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        },
        fill,
        cancellationToken).ConfigureAwait(false);
}
