using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>The consumers on PostgreSQL. Leases go by the database's clock, unless the options say otherwise.</summary>
internal sealed class PostgreSqlLeases(Database database) : ILeaseStorage
{
    private const int MaxAttempts = 3;

    /// <summary>
    /// A commit of a consumer may hold its row for long: nobody's leases wait for it. What takes longer is tried at the
    /// next look.
    /// </summary>
    private const string ShortLockTimeout = "SELECT set_config('lock_timeout', '200ms', true)";

    private readonly DeadLetterTable _deadLetters = new(database.Tables);
    private readonly string _addPartition = $"""
        INSERT INTO {database.Tables.Consumers} (consumer, partition) VALUES ($1, $2) ON CONFLICT (consumer, partition) DO NOTHING
        """;
    private readonly string _takeLease = $"""
        INSERT INTO {database.Tables.Consumers} AS c (consumer, partition, holder, lease_epoch, lease_until, held_since)
        VALUES ($1, $2, $3, 1, {Moment("$5")} + $4, {Moment("$5")})
        ON CONFLICT (consumer, partition) DO UPDATE SET
            lease_epoch = c.lease_epoch + CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN 1 ELSE 0 END,
            held_since = CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN {Moment("$5")} ELSE c.held_since END,
            holder = excluded.holder, lease_until = {Moment("$5")} + $4
        WHERE c.holder IS NULL OR c.holder = excluded.holder OR c.lease_until <= {Moment("$5")}
        """;
    private readonly string _takePart = $"""
        UPDATE {database.Tables.Consumers} SET
            lease_epoch = lease_epoch + CASE WHEN holder IS DISTINCT FROM $3 THEN 1 ELSE 0 END,
            held_since = CASE WHEN holder IS DISTINCT FROM $3 THEN {Moment("$5")} ELSE held_since END,
            holder = $3, lease_until = {Moment("$5")} + $4
        WHERE consumer = $1 AND partition = $2 AND (holder IS NULL OR holder = $3 OR lease_until <= {Moment("$5")})
        """;
    private readonly string _renewAll = $"""
        UPDATE {database.Tables.Consumers} SET lease_until = {Moment("$3")} + $2,
            reported_at = CASE WHEN reported_at IS NULL THEN NULL ELSE {Moment("$3")} END
        WHERE (consumer, partition) IN (
            SELECT consumer, partition FROM {database.Tables.Consumers} WHERE holder = $1 ORDER BY consumer, partition
            FOR UPDATE SKIP LOCKED)
        """;
    private readonly string _releaseLease = $"""
        UPDATE {database.Tables.Consumers} SET holder = NULL, held_since = NULL WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3
        """;
    private readonly string _setState = $"""
        UPDATE {database.Tables.Consumers} SET state = $4, error = $5, reported_at = {Moment("$6")},
            state_since = CASE WHEN state IS DISTINCT FROM $4 THEN {Moment("$6")} ELSE state_since END
        WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3
        """;
    private readonly string _addPause =
        $"INSERT INTO {database.Tables.PausedConsumers} (consumer) VALUES ($1) ON CONFLICT (consumer) DO NOTHING";
    private readonly string _removePause = $"DELETE FROM {database.Tables.PausedConsumers} WHERE consumer = $1";
    private readonly string _setCheckpoint = $"""
        UPDATE {database.Tables.Consumers} SET checkpoint = $2, holder = NULL, held_since = NULL, lease_epoch = lease_epoch + 1
        WHERE consumer = $1
        """;
    private readonly string _setFirstCheckpoint = $"""
        UPDATE {database.Tables.Consumers}
        SET checkpoint = coalesce((SELECT min(o.checkpoint) FROM {database.Tables.Consumers} o WHERE o.consumer = $1), $2)
        WHERE consumer = $1 AND checkpoint IS NULL
        """;
    private readonly string _lockConsumer =
        $"SELECT FROM {database.Tables.Consumers} WHERE consumer = $1 ORDER BY partition FOR UPDATE";
    private readonly string _findLegacyDeadLetters = $"""
        SELECT min(id) FROM {database.Tables.DeadLetters} WHERE consumer = $1 AND state <= 3 AND position > $2 AND key = ''
            AND EXISTS (SELECT FROM {database.Tables.Collections} WHERE name = $1)
        """;
    private readonly string _measurePartitions = $"""
        SELECT count(*)::integer, count(DISTINCT coalesce(checkpoint, -1))::integer, max(lease_epoch),
            EXISTS (SELECT FROM {database.Tables.DeadLetters} WHERE consumer = $1 AND state <= 3)
        FROM {database.Tables.Consumers} WHERE consumer = $1
        """;
    private readonly string _addParts = $"""
        INSERT INTO {database.Tables.Consumers} (consumer, partition, checkpoint)
        SELECT $1, part, c.checkpoint FROM generate_series($2, $3 - 1) part
            JOIN {database.Tables.Consumers} c ON c.consumer = $1 AND c.partition = part % $2
        """;
    private readonly string _removeParts =
        $"DELETE FROM {database.Tables.Consumers} WHERE consumer = $1 AND partition >= $2";
    private readonly string _takeAllLeases =
        $"UPDATE {database.Tables.Consumers} SET holder = NULL, held_since = NULL, lease_epoch = $2 WHERE consumer = "
            + "$1";
    private readonly string _findOne = Select(database.Tables) + " WHERE c.consumer = $1 AND c.partition = $2";
    private readonly string _findAll = Select(database.Tables) + " WHERE c.consumer = $1 ORDER BY c.partition";
    private readonly string _listAll = Select(database.Tables) + " ORDER BY c.consumer, c.partition";
    private readonly string _forgetNodes = $"DELETE FROM {database.Tables.Nodes} WHERE until <= {Moment("$1")}";
    private readonly string _putNode = $"""
        INSERT INTO {database.Tables.Nodes} (node, since, until, consumers) VALUES ($1, {Moment("$4")}, {Moment("$4")} + $3, $2)
        ON CONFLICT (node) DO UPDATE SET until = excluded.until, consumers = excluded.consumers
        """;
    private readonly string _dropNode = $"DELETE FROM {database.Tables.Nodes} WHERE node = $1";
    private readonly string _now = $"SELECT {Moment("$1")}";
    private readonly string _listNodes =
        $"SELECT node, since, until, consumers FROM {database.Tables.Nodes} WHERE until > {Moment("$1")} ORDER BY node";
    private readonly bool _givesTime = database.Options.Clock == PostgreSqlClock.Node;

    public async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Take(consumer, partition, holder, duration, now, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException waited) when (PostgreSqlErrors.IsLockWait(waited.InnerException))
            {
                await database.StalledCommits.End(cancellationToken).ConfigureAwait(false);
                var standing = await Find(consumer, partition, cancellationToken).ConfigureAwait(false);
                if (standing is not null && (standing.Holder is not null || attempt == MaxAttempts))
                    return standing; // It stands as it did, and is neither taken nor renewed.
                if (attempt == MaxAttempts)
                    throw;
            }
        }
    }

    public async ValueTask<bool> RenewAll(
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, ask, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(ShortLockTimeout);
                    batch
                        .Add(ask.self._renewAll)
                        .With(ask.holder)
                        .With(ask.duration)
                        .With(ask.self.Given(ask.now), NpgsqlDbType.TimestampTz);
                    await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                    return true;
                },
                (self: this, holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask<ConsumerRecord> Take(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, ask, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(ShortLockTimeout);
                    batch
                        .Add(ask.partition == 0 ? ask.self._takeLease : ask.self._takePart)
                        .With(ask.consumer)
                        .With(ask.partition)
                        .With(ask.holder)
                        .With(ask.duration)
                        .With(ask.self.Given(ask.now), NpgsqlDbType.TimestampTz);
                    batch.Add(ask.self._findOne).With(ask.consumer).With(ask.partition);
                    var row = await batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                    await using var __ = row.ConfigureAwait(false);
                    await row.NextResultAsync(cancel).ConfigureAwait(false); // The limit was the first answer.
                    var found = await ReadAll(row, cancel).ConfigureAwait(false);
                    return found.Count > 0
                        ? found[0]
                        : new ConsumerRecord
                        {
                            Consumer = ask.consumer,
                            Partition = ask.partition,
                            Partitions = 0,
                        };
                },
                (self: this, consumer, partition, holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    private ValueTask<ConsumerRecord?> Find(string consumer, int partition, CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, ask, cancel) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using var _ = batch.ConfigureAwait(false);
                batch.Add(ask._findOne).With(ask.consumer).With(ask.partition);
                var found = await ReadAll(batch, cancel).ConfigureAwait(false);
                return found.Count == 0 ? null : found[0];
            },
            (_findOne, consumer, partition),
            cancellationToken);

    public async ValueTask<bool> StoreFirstCheckpoint(
        string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        await Execute(
            batch =>
            {
                batch.Add(_addPartition).With(consumer).With(0);
                batch.Add(_setFirstCheckpoint).With(consumer).With(checkpoint);
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_releaseLease).With(consumer).With(partition).With(epoch), cancellationToken);

    public ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Execute(
            batch =>
                batch
                    .Add(_setState)
                    .With(consumer)
                    .With(partition)
                    .With(epoch)
                    .With(StoredText.Escape(state), NpgsqlDbType.Text)
                    .With(StoredText.Escape(error), NpgsqlDbType.Text)
                    .With(Given(now), NpgsqlDbType.TimestampTz),
            cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        Execute(
            batch =>
            {
                batch.Add(_addPartition).With(consumer).With(0);
                batch.Add(isPaused ? _addPause : _removePause).With(consumer);
            },
            cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        database.Write(
            static async (connection, ask, cancel) =>
            {
                var self = ask.self;
                var batch = new NpgsqlBatch(connection);
                await using var _ = batch.ConfigureAwait(false);
                batch.Add(self._addPartition).With(ask.consumer).With(0);
                // With the row its consumer's commits wait: no letter comes between what is found below and the end of
                // this.
                batch.Add(self._lockConsumer).With(ask.consumer);
                await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                var find = connection.Command(self._findLegacyDeadLetters).With(ask.consumer).With(ask.checkpoint);
                await using var __ = find.ConfigureAwait(false);
                if (await find.ExecuteScalarAsync(cancel).ConfigureAwait(false) is long letter)
                    return (long?)letter;
                var set = connection.Command(self._setCheckpoint).With(ask.consumer).With(ask.checkpoint);
                await using var ___ = set.ConfigureAwait(false);
                await set.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                await self
                    ._deadLetters.RemoveOpen(connection, ask.consumer, ask.checkpoint, cancel)
                    .ConfigureAwait(false);
                return null;
            },
            (self: this, consumer, checkpoint),
            takesLock: true,
            cancellationToken);

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return database.Write(
            static (connection, ask, cancel) => ask.self.Divide(connection, ask.consumer, ask.partitions, cancel),
            (self: this, consumer, partitions), takesLock: true, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, sql, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(sql);
                    return await ReadAll(batch, cancel).ConfigureAwait(false);
                },
                _listAll,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, ask, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(ask._findAll).With(ask.consumer);
                    return await ReadAll(batch, cancel).ConfigureAwait(false);
                },
                (_findAll, consumer),
                cancellationToken)
            .ConfigureAwait(false);

    public ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Execute(
            batch =>
            {
                batch.Add(_forgetNodes).With(Given(now), NpgsqlDbType.TimestampTz);
                batch
                    .Add(_putNode)
                    .With(node)
                    .With<string[]>([.. consumers])
                    .With(duration)
                    .With(Given(now), NpgsqlDbType.TimestampTz);
            },
            cancellationToken);

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_dropNode).With(node), cancellationToken);

    public async ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, ask, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(ask.self._now).With(ask.given, NpgsqlDbType.TimestampTz);
                    batch.Add(ask.self._listNodes).With(ask.given, NpgsqlDbType.TimestampTz);
                    batch.Add(ask.self._listAll);
                    var row = await batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                    await using var __ = row.ConfigureAwait(false);
                    await row.ReadAsync(cancel).ConfigureAwait(false);
                    var moment = row.GetTime(0);
                    await row.NextResultAsync(cancel).ConfigureAwait(false);
                    var nodes = await ReadNodes(row, cancel).ConfigureAwait(false);
                    await row.NextResultAsync(cancel).ConfigureAwait(false);
                    return new LeaseTable(moment, nodes, await ReadAll(row, cancel).ConfigureAwait(false));
                },
                (self: this, given: Given(now)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The moment that counts: the one that is given, or else what the database's clock says.</summary>
    private static string Moment(string given) => $"coalesce({given}, clock_timestamp())";

    /// <summary>The caller's clock, where the options say that it counts.</summary>
    private DateTime? Given(DateTimeOffset now) => _givesTime ? now.UtcDateTime : null;

    private static string Select(Tables tables) => $"""
        SELECT c.consumer, c.partition, c.holder, c.lease_epoch, c.lease_until, c.checkpoint, p.consumer IS NOT NULL, c.state, c.error,
            c.reported_at,
            (SELECT count(*) FROM {tables.DeadLetters} d WHERE d.consumer = c.consumer AND d.state <= 3 AND d.partition = c.partition),
            (SELECT count(*) FROM {tables.DeadLetters} d
                WHERE d.consumer = c.consumer AND d.state <= 3 AND d.state = 3 AND d.partition = c.partition),
            c.held_since, c.state_since, (SELECT count(*) FROM {tables.Consumers} o WHERE o.consumer = c.consumer)::integer
        FROM {tables.Consumers} c LEFT JOIN {tables.PausedConsumers} p ON p.consumer = c.consumer
        """;

    private async ValueTask<bool> Divide(
        NpgsqlConnection connection, string consumer, int partitions, CancellationToken cancellationToken)
    {
        var hold = new NpgsqlBatch(connection);
        await using var _ = hold.ConfigureAwait(false);
        hold.Add(_addPartition).With(consumer).With(0);
        // With their rows its commits wait: no checkpoint moves and no letter comes between what is found below and the
        // end of this.
        hold.Add(_lockConsumer).With(consumer);
        await hold.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var (before, checkpoints, epoch, hasDeadLetters) = await Measure(connection, consumer, cancellationToken)
            .ConfigureAwait(false);
        if (before == partitions)
            return true;
        if (hasDeadLetters || (partitions % before != 0 && checkpoints > 1))
            return false;
        var change = new NpgsqlBatch(connection);
        await using var __ = change.ConfigureAwait(false);
        change.Add(_addParts).With(consumer).With(before).With(partitions);
        change.Add(_removeParts).With(consumer).With(partitions);
        change.Add(_takeAllLeases).With(consumer).With(epoch + 1);
        await change.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<(int Partitions, int Checkpoints, long Epoch, bool HasDeadLetters)> Measure(
        NpgsqlConnection connection, string consumer, CancellationToken cancellationToken)
    {
        var command = connection.Command(_measurePartitions).With(consumer);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetBoolean(3));
    }

    private static async ValueTask<List<ConsumerRecord>> ReadAll(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var row = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        return await ReadAll(row, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<List<NodeRecord>> ReadNodes(
        NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var nodes = new List<NodeRecord>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            nodes.Add(new NodeRecord
            {
                Name = row.GetString(0),
                Since = row.GetTime(1),
                Until = row.GetTime(2),
                Consumers = row.GetFieldValue<string[]>(3),
            });
        }
        return nodes;
    }

    private static async ValueTask<List<ConsumerRecord>> ReadAll(
        NpgsqlDataReader row, CancellationToken cancellationToken)
    {
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
                OpenDeadLetters = row.GetInt64(10),
                ReleasedDeadLetters = row.GetInt64(11),
                HeldSince = row.FindTime(12),
                StateSince = row.FindTime(13),
                Partitions = row.GetInt32(14),
            });
        }
        return records;
    }

    private async ValueTask Execute(Action<NpgsqlBatch> fill, CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, fill, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(ShortLockTimeout);
                    fill(batch);
                    return await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                },
                fill,
                cancellationToken)
            .ConfigureAwait(false);
}
