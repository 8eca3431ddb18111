using Millrace.Sqlite.Connections;
using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Leases;

/// <summary>Consumers and leases in SQLite. The callers supply all times.</summary>
internal sealed class SqliteLeases(Writer writer, ReaderPool readers) : ILeaseStorage
{
    private const string AddPartition =
        "INSERT INTO consumers (consumer, partition) VALUES (?1, ?2) ON CONFLICT (consumer, partition) DO NOTHING";
    private const string TakeLease = """
        UPDATE consumers SET lease_epoch = lease_epoch + (holder IS NOT ?3), held_since = iif(holder IS ?3, held_since, ?5), holder = ?3,
            lease_until = ?4
        WHERE consumer = ?1 AND partition = ?2 AND (holder IS NULL OR holder = ?3 OR lease_until <= ?5)
        """;
    private const string RenewLeases =
        "UPDATE consumers SET lease_until = ?2, reported_at = iif(reported_at IS NULL, NULL, ?3) WHERE holder = ?1";
    private const string ReleaseLease =
        "UPDATE consumers SET holder = NULL, held_since = NULL WHERE consumer = ?1 AND partition = ?2 AND lease_epoch "
            + "= ?3";
    private const string SetState = """
        UPDATE consumers SET state_since = iif(state IS ?4, state_since, ?6), state = ?4, error = ?5, reported_at = ?6
        WHERE consumer = ?1 AND partition = ?2 AND lease_epoch = ?3
        """;
    private const string AddPause =
        "INSERT INTO paused_consumers (consumer) VALUES (?1) ON CONFLICT (consumer) DO NOTHING";
    private const string RemovePause = "DELETE FROM paused_consumers WHERE consumer = ?1";
    private const string SetCheckpoint =
        "UPDATE consumers SET checkpoint = ?2, holder = NULL, held_since = NULL, lease_epoch = lease_epoch + 1 WHERE "
            + "consumer = ?1";
    private const string SetFirstCheckpoint = """
        UPDATE consumers SET checkpoint = coalesce((SELECT min(o.checkpoint) FROM consumers o WHERE o.consumer = ?1), ?2)
        WHERE consumer = ?1 AND checkpoint IS NULL
        """;
    private const string FindLegacyDeadLetters = """
        SELECT min(id) FROM dead_letters WHERE consumer = ?1 AND state <= 3 AND position > ?2 AND key = ''
            AND EXISTS (SELECT 1 FROM collections WHERE name = ?1)
        """;
    private const string Columns = """
        SELECT c.consumer, c.partition, c.holder, c.lease_epoch, c.lease_until, c.checkpoint, p.consumer IS NOT NULL, c.state, c.error,
            c.reported_at,
            (SELECT count(*) FROM dead_letters d WHERE d.consumer = c.consumer AND d.state <= 3 AND d.partition = c.partition),
            (SELECT count(*) FROM dead_letters d
                WHERE d.consumer = c.consumer AND d.state <= 3 AND d.state = 3 AND d.partition = c.partition),
            c.held_since, c.state_since, (SELECT count(*) FROM consumers o WHERE o.consumer = c.consumer)
        FROM consumers c LEFT JOIN paused_consumers p ON p.consumer = c.consumer
        """;
    private const string FindOne = Columns + " WHERE c.consumer = ?1 AND c.partition = ?2";

    /// <summary>
    /// Reads all partitions in one query, which also counts the dead letters. The rows show how many partitions each
    /// consumer has.
    /// </summary>
    private const string ListAll = """
        SELECT c.consumer, c.partition, c.holder, c.lease_epoch, c.lease_until, c.checkpoint, p.consumer IS NOT NULL, c.state, c.error,
            c.reported_at, coalesce(d.open, 0), coalesce(d.released, 0), c.held_since, c.state_since, 1
        FROM consumers c
        LEFT JOIN paused_consumers p ON p.consumer = c.consumer
        LEFT JOIN (
            SELECT consumer, partition, count(*) AS open, sum(state = 3) AS released FROM dead_letters WHERE state <= 3
            GROUP BY consumer, partition) d ON d.consumer = c.consumer AND d.partition = c.partition
        ORDER BY c.consumer, c.partition
        """;
    private const string FindAll = Columns + " WHERE c.consumer = ?1 ORDER BY c.partition";
    private const string MeasurePartitions = """
        SELECT count(*), count(DISTINCT coalesce(checkpoint, -1)), max(lease_epoch),
            EXISTS (SELECT 1 FROM dead_letters d WHERE d.consumer = ?1 AND d.state <= 3)
        FROM consumers WHERE consumer = ?1
        """;
    private const string AddPart = """
        INSERT INTO consumers (consumer, partition, lease_epoch, checkpoint)
        SELECT consumer, ?2, 0, checkpoint FROM consumers WHERE consumer = ?1 AND partition = ?3
        """;
    private const string RemoveParts = "DELETE FROM consumers WHERE consumer = ?1 AND partition >= ?2";
    private const string TakeAllLeases =
        "UPDATE consumers SET holder = NULL, held_since = NULL, lease_epoch = ?2 WHERE consumer = ?1";
    private const string ForgetNodes = "DELETE FROM nodes WHERE until <= ?1";
    private const string PutNode = """
        INSERT INTO nodes (node, since, until, consumers) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (node) DO UPDATE SET until = excluded.until, consumers = excluded.consumers
        """;
    private const string DataVersion = "PRAGMA data_version";
    private const string DropNode = "DELETE FROM nodes WHERE node = ?1";
    private const string ListNodes = "SELECT node, since, until, consumers FROM nodes WHERE until > ?1 ORDER BY node";

    private sealed record CachedConsumers(Connection Connection, long Version, IReadOnlyList<ConsumerRecord> Consumers);

    private volatile CachedConsumers? _cached;

    public async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    if (args.partition == 0)
                        connection.Get(AddPartition).Bind(1, args.consumer).Bind(2, 0).Run();
                    connection
                        .Get(TakeLease)
                        .Bind(1, args.consumer)
                        .Bind(2, args.partition)
                        .Bind(3, args.holder)
                        .Bind(4, StoredTime.ToMicroseconds(args.now + args.duration))
                        .Bind(5, StoredTime.ToMicroseconds(args.now))
                        .Run();
                    var found = ReadAll(connection.Get(FindOne).Bind(1, args.consumer).Bind(2, args.partition));
                    return found.Count > 0
                        ? found[0]
                        : new ConsumerRecord
                        {
                            Consumer = args.consumer,
                            Partition = args.partition,
                            Partitions = 0,
                        };
                },
                (consumer, partition, holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> RenewAll(
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    connection
                        .Get(RenewLeases)
                        .Bind(1, args.holder)
                        .Bind(2, StoredTime.ToMicroseconds(args.now + args.duration))
                        .Bind(3, StoredTime.ToMicroseconds(args.now))
                        .Run();
                    return true;
                },
                (holder, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> StoreFirstCheckpoint(
        string consumer, long checkpoint, CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    connection.Get(AddPartition).Bind(1, args.consumer).Bind(2, 0).Run();
                    connection.Get(SetFirstCheckpoint).Bind(1, args.consumer).Bind(2, args.checkpoint).Run();
                    return true;
                },
                (consumer, checkpoint),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        await writer.WriteOutsideQueue(
        static (connection, args) =>
        {
            connection.Get(ReleaseLease).Bind(1, args.consumer).Bind(2, args.partition).Bind(3, args.epoch).Run();
            return 0;
        },
        (consumer, partition, epoch),
        cancellationToken).ConfigureAwait(false);

    public async ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    connection
                        .Get(SetState)
                        .Bind(1, args.consumer)
                        .Bind(2, args.partition)
                        .Bind(3, args.epoch)
                        .Bind(4, args.state)
                        .Bind(5, args.error)
                        .Bind(6, StoredTime.ToMicroseconds(args.now))
                        .Run();
                    return 0;
                },
                (consumer, partition, epoch, state, error, now),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    connection.Get(AddPartition).Bind(1, args.consumer).Bind(2, 0).Run();
                    connection.Get(args.isPaused ? AddPause : RemovePause).Bind(1, args.consumer).Run();
                    return 0;
                },
                (consumer, isPaused),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    var legacy = connection.Get(FindLegacyDeadLetters).Bind(1, args.consumer).Bind(2, args.checkpoint);
                    long? letter = legacy.Step() ? legacy.FindInt64(0) : null;
                    legacy.Reset();
                    if (letter is not null)
                        return letter;
                    connection.Get(AddPartition).Bind(1, args.consumer).Bind(2, 0).Run();
                    connection.Get(SetCheckpoint).Bind(1, args.consumer).Bind(2, args.checkpoint).Run();
                    DeadLetterTable.RemoveOpen(connection, args.consumer, args.checkpoint);
                    return (long?)null;
                },
                (consumer, checkpoint),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return await writer
            .WriteOutsideQueue(
                static (connection, args) => Divide(connection, args.consumer, args.partitions),
                (consumer, partitions),
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        await readers.Read(static (connection, _) => ReadTable(connection), 0, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, consumer) => ReadAll(connection.Get(FindAll).Bind(1, consumer)),
                consumer,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, args) =>
                {
                    connection.Get(ForgetNodes).Bind(1, StoredTime.ToMicroseconds(args.now)).Run();
                    connection
                        .Get(PutNode)
                        .Bind(1, args.node)
                        .Bind(2, StoredTime.ToMicroseconds(args.now))
                        .Bind(3, StoredTime.ToMicroseconds(args.now + args.duration))
                        .Bind(4, string.Join('\n', args.consumers))
                        .Run();
                    return 0;
                },
                (node, consumers, duration, now),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, node) =>
                {
                    connection.Get(DropNode).Bind(1, node).Run();
                    return 0;
                },
                node,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, state) =>
                    new LeaseTable(
                        state.now,
                        ReadNodes(connection.Get(ListNodes).Bind(1, StoredTime.ToMicroseconds(state.now))),
                        state.leases.ReadCached(connection)),
                (leases: this, now),
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Returns all consumers, from a cache unless something was written since this connection last read them: an idle
    /// node polls often.
    /// </summary>
    private IReadOnlyList<ConsumerRecord> ReadCached(Connection connection)
    {
        var version = connection.Get(DataVersion).Scalar();
        var cached = _cached;
        if (cached is null || cached.Connection != connection || cached.Version != version)
            _cached = cached = new CachedConsumers(connection, version, ReadTable(connection));
        return cached.Consumers;
    }

    private static List<ConsumerRecord> ReadTable(Connection connection)
    {
        var records = ReadAll(connection.Get(ListAll));
        for (int first = 0, next; first < records.Count; first = next)
        {
            next = first + 1;
            while (next < records.Count && records[next].Consumer == records[first].Consumer)
                next++;
            for (var i = first; next - first > 1 && i < next; i++)
                records[i] = records[i] with { Partitions = next - first };
        }
        return records;
    }

    private static bool Divide(Connection connection, string consumer, int partitions)
    {
        connection.Get(AddPartition).Bind(1, consumer).Bind(2, 0).Run();
        var row = connection.Get(MeasurePartitions).Bind(1, consumer);
        row.Step();
        var current = row.GetInt64(0);
        var checkpoints = row.GetInt64(1);
        var epoch = row.GetInt64(2);
        var hasDeadLetters = row.GetInt64(3) != 0;
        row.Reset();
        if (current == partitions)
            return true;
        if (hasDeadLetters || (partitions % current != 0 && checkpoints > 1))
            return false;
        for (var partition = current; partition < partitions; partition++)
            connection.Get(AddPart).Bind(1, consumer).Bind(2, partition).Bind(3, partition % current).Run();
        connection.Get(RemoveParts).Bind(1, consumer).Bind(2, partitions).Run();
        connection.Get(TakeAllLeases).Bind(1, consumer).Bind(2, epoch + 1).Run();
        return true;
    }

    private static List<NodeRecord> ReadNodes(Statement statement)
    {
        var nodes = new List<NodeRecord>();
        while (statement.Step())
        {
            nodes.Add(new NodeRecord
            {
                Name = statement.GetText(0),
                Since = StoredTime.FromMicroseconds(statement.GetInt64(1)),
                Until = StoredTime.FromMicroseconds(statement.GetInt64(2)),
                Consumers = statement.GetText(3).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            });
        }
        statement.Reset();
        return nodes;
    }

    private static List<ConsumerRecord> ReadAll(Statement statement)
    {
        var records = new List<ConsumerRecord>();
        while (statement.Step())
        {
            records.Add(new ConsumerRecord
            {
                Consumer = statement.GetText(0),
                Partition = (int)statement.GetInt64(1),
                Holder = statement.FindText(2),
                LeaseEpoch = statement.GetInt64(3),
                LeaseUntil = StoredTime.FromMicroseconds(statement.GetInt64(4)),
                Checkpoint = statement.FindInt64(5),
                IsPaused = statement.GetInt64(6) != 0,
                State = statement.FindText(7),
                Error = statement.FindText(8),
                ReportedAt = statement.IsNull(9) ? null : StoredTime.FromMicroseconds(statement.GetInt64(9)),
                OpenDeadLetters = statement.GetInt64(10),
                ReleasedDeadLetters = statement.GetInt64(11),
                HeldSince = statement.IsNull(12) ? null : StoredTime.FromMicroseconds(statement.GetInt64(12)),
                StateSince = statement.IsNull(13) ? null : StoredTime.FromMicroseconds(statement.GetInt64(13)),
                Partitions = (int)statement.GetInt64(14),
            });
        }
        statement.Reset();
        return records;
    }
}
