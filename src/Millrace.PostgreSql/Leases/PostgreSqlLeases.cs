using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.DeadLettering;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Leases;

/// <summary>Leases, checkpoints and states of consumers on PostgreSQL. Leases use the database's clock, unless the
/// options select the clock of the node.</summary>
/// <remarks>
/// Most batches that write also run with <c>Database.Read</c>. Each batch is a transaction of its own, and can be
/// repeated after a lost connection.
/// </remarks>
internal sealed class PostgreSqlLeases(Database database) : ILeaseStorage
{
    private const int MaxAttempts = 3;

    private readonly DeadLetterTable _deadLetters = new(database.Tables);
    private readonly LeaseStatements _sql = new(database.Tables);
    private readonly bool _usesNodeClock = database.Options.Clock == PostgreSqlClock.Node;

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
                return await TryAcquire(consumer, partition, holder, duration, now, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (StorageException waited) when (PostgreSqlErrors.IsLockWait(waited.InnerException))
            {
                await database.StalledCommits.End(cancellationToken).ConfigureAwait(false);
                var current = await Find(consumer, partition, cancellationToken).ConfigureAwait(false);
                if (current is not null && (current.Holder is not null || attempt == MaxAttempts))
                    return current; // Unchanged: the lease is neither taken nor renewed.
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
                static async (connection, args, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(LeaseStatements.ShortLockTimeout);
                    batch
                        .Add(args.self._sql.RenewAll)
                        .With(args.holder)
                        .With(args.duration)
                        .With(args.self.NodeTime(args.now), NpgsqlDbType.TimestampTz);
                    await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                    return true;
                },
                (self: this, holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask<ConsumerRecord> TryAcquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, args, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(LeaseStatements.ShortLockTimeout);
                    batch
                        .Add(args.partition == 0 ? args.self._sql.TakeLease : args.self._sql.TakePartition)
                        .With(args.consumer)
                        .With(args.partition)
                        .With(args.holder)
                        .With(args.duration)
                        .With(args.self.NodeTime(args.now), NpgsqlDbType.TimestampTz);
                    batch.Add(args.self._sql.FindPartition).With(args.consumer).With(args.partition);
                    var row = await batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                    await using var __ = row.ConfigureAwait(false);
                    await row.NextResultAsync(cancel).ConfigureAwait(false); // Skips the result of the lock timeout.
                    var found = await ReadAll(row, cancel).ConfigureAwait(false);
                    return found.Count > 0
                        ? found[0]
                        : new ConsumerRecord
                        {
                            Consumer = args.consumer,
                            Partition = args.partition,
                            Partitions = 0,
                        };
                },
                (self: this, consumer, partition, holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    private ValueTask<ConsumerRecord?> Find(string consumer, int partition, CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, args, cancel) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using var _ = batch.ConfigureAwait(false);
                batch.Add(args.sql.FindPartition).With(args.consumer).With(args.partition);
                var found = await ReadAll(batch, cancel).ConfigureAwait(false);
                return found.Count == 0 ? null : found[0];
            },
            (sql: _sql, consumer, partition),
            cancellationToken);

    public async ValueTask<bool> StoreFirstCheckpoint(
        string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        await Execute(
            batch =>
            {
                batch.Add(_sql.AddPartition).With(consumer).With(0);
                batch.Add(_sql.SetFirstCheckpoint).With(consumer).With(checkpoint);
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_sql.ReleaseLease).With(consumer).With(partition).With(epoch), cancellationToken);

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
                    .Add(_sql.SetState)
                    .With(consumer)
                    .With(partition)
                    .With(epoch)
                    .With(StoredText.Escape(state), NpgsqlDbType.Text)
                    .With(StoredText.Escape(error), NpgsqlDbType.Text)
                    .With(NodeTime(now), NpgsqlDbType.TimestampTz),
            cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        Execute(
            batch =>
            {
                batch.Add(_sql.AddPartition).With(consumer).With(0);
                batch.Add(isPaused ? _sql.AddPause : _sql.RemovePause).With(consumer);
            },
            cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        database.Write(
            static async (connection, args, cancel) =>
            {
                var self = args.self;
                var batch = new NpgsqlBatch(connection);
                await using var _ = batch.ConfigureAwait(false);
                batch.Add(self._sql.AddPartition).With(args.consumer).With(0);
                // The row lock blocks the consumer's commits, so this transaction sees all dead letters.
                batch.Add(self._sql.LockConsumer).With(args.consumer);
                await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                var find = connection
                    .Command(self._sql.FindDeadLetterWithoutKey)
                    .With(args.consumer)
                    .With(args.checkpoint);
                await using var __ = find.ConfigureAwait(false);
                if (await find.ExecuteScalarAsync(cancel).ConfigureAwait(false) is long deadLetter)
                    return (long?)deadLetter;
                var set = connection.Command(self._sql.SetCheckpoint).With(args.consumer).With(args.checkpoint);
                await using var ___ = set.ConfigureAwait(false);
                await set.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                await self
                    ._deadLetters.RemoveOpen(connection, args.consumer, args.checkpoint, cancel)
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
            static (connection, args, cancel) => args.self.Divide(connection, args.consumer, args.partitions, cancel),
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
                _sql.ListAll,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, args, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(args.sql.FindPartitions).With(args.consumer);
                    return await ReadAll(batch, cancel).ConfigureAwait(false);
                },
                (sql: _sql, consumer),
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
                batch.Add(_sql.RemoveExpiredNodes).With(NodeTime(now), NpgsqlDbType.TimestampTz);
                batch
                    .Add(_sql.PutNode)
                    .With(node)
                    .With<string[]>([.. consumers])
                    .With(duration)
                    .With(NodeTime(now), NpgsqlDbType.TimestampTz);
            },
            cancellationToken);

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        Execute(batch => batch.Add(_sql.RemoveNode).With(node), cancellationToken);

    public async ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, args, cancel) =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var _ = batch.ConfigureAwait(false);
                    batch.Add(args.self._sql.Now).With(args.nodeTime, NpgsqlDbType.TimestampTz);
                    batch.Add(args.self._sql.ListNodes).With(args.nodeTime, NpgsqlDbType.TimestampTz);
                    batch.Add(args.self._sql.ListAll);
                    var row = await batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                    await using var __ = row.ConfigureAwait(false);
                    await row.ReadAsync(cancel).ConfigureAwait(false);
                    var tableTime = row.GetTime(0);
                    await row.NextResultAsync(cancel).ConfigureAwait(false);
                    var nodes = await ReadNodes(row, cancel).ConfigureAwait(false);
                    await row.NextResultAsync(cancel).ConfigureAwait(false);
                    return new LeaseTable(tableTime, nodes, await ReadAll(row, cancel).ConfigureAwait(false));
                },
                (self: this, nodeTime: NodeTime(now)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Returns the caller's time when the options select it; otherwise null.</summary>
    private DateTime? NodeTime(DateTimeOffset now) => _usesNodeClock ? now.UtcDateTime : null;

    private async ValueTask<bool> Divide(
        NpgsqlConnection connection, string consumer, int partitions, CancellationToken cancellationToken)
    {
        var locks = new NpgsqlBatch(connection);
        await using var _ = locks.ConfigureAwait(false);
        locks.Add(_sql.AddPartition).With(consumer).With(0);
        // The row locks block the consumer's commits, so no checkpoint moves and no dead letter is added before the end
        // of the transaction.
        locks.Add(_sql.LockConsumer).With(consumer);
        await locks.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var (current, checkpoints, epoch, hasDeadLetters) = await Measure(connection, consumer, cancellationToken)
            .ConfigureAwait(false);
        if (current == partitions)
            return true;
        if (hasDeadLetters || (partitions % current != 0 && checkpoints > 1))
            return false;
        var change = new NpgsqlBatch(connection);
        await using var __ = change.ConfigureAwait(false);
        change.Add(_sql.AddPartitions).With(consumer).With(current).With(partitions);
        change.Add(_sql.RemovePartitions).With(consumer).With(partitions);
        change.Add(_sql.TakeAllLeases).With(consumer).With(epoch + 1);
        await change.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<(int Partitions, int Checkpoints, long Epoch, bool HasDeadLetters)> Measure(
        NpgsqlConnection connection, string consumer, CancellationToken cancellationToken)
    {
        var command = connection.Command(_sql.MeasurePartitions).With(consumer);
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
                    batch.Add(LeaseStatements.ShortLockTimeout);
                    fill(batch);
                    return await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                },
                fill,
                cancellationToken)
            .ConfigureAwait(false);
}
