using Millrace.PostgreSql.Schema;

namespace Millrace.PostgreSql.Leases;

/// <summary>The SQL statements of leases. Their time parameters are null where the database's clock applies.</summary>
internal sealed class LeaseStatements(Tables tables)
{
    /// <summary>
    /// Limits the wait for a locked row. A commit of a consumer may lock its row for long, and must not delay the
    /// leases of the others. The next inspection tries again.
    /// </summary>
    public const string ShortLockTimeout = "SELECT set_config('lock_timeout', '200ms', true)";

    public string AddPartition { get; } = $"""
        INSERT INTO {tables.Consumers} (consumer, partition) VALUES ($1, $2) ON CONFLICT (consumer, partition) DO NOTHING
        """;

    public string TakeLease { get; } = $"""
        INSERT INTO {tables.Consumers} AS c (consumer, partition, holder, lease_epoch, lease_until, held_since)
        VALUES ($1, $2, $3, 1, {Moment("$5")} + $4, {Moment("$5")})
        ON CONFLICT (consumer, partition) DO UPDATE SET
            lease_epoch = c.lease_epoch + CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN 1 ELSE 0 END,
            held_since = CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN {Moment("$5")} ELSE c.held_since END,
            holder = excluded.holder, lease_until = {Moment("$5")} + $4
        WHERE c.holder IS NULL OR c.holder = excluded.holder OR c.lease_until <= {Moment("$5")}
        """;

    public string TakePartition { get; } = $"""
        UPDATE {tables.Consumers} SET
            lease_epoch = lease_epoch + CASE WHEN holder IS DISTINCT FROM $3 THEN 1 ELSE 0 END,
            held_since = CASE WHEN holder IS DISTINCT FROM $3 THEN {Moment("$5")} ELSE held_since END,
            holder = $3, lease_until = {Moment("$5")} + $4
        WHERE consumer = $1 AND partition = $2 AND (holder IS NULL OR holder = $3 OR lease_until <= {Moment("$5")})
        """;

    public string RenewAll { get; } = $"""
        UPDATE {tables.Consumers} SET lease_until = {Moment("$3")} + $2,
            reported_at = CASE WHEN reported_at IS NULL THEN NULL ELSE {Moment("$3")} END
        WHERE (consumer, partition) IN (
            SELECT consumer, partition FROM {tables.Consumers} WHERE holder = $1 ORDER BY consumer, partition
            FOR UPDATE SKIP LOCKED)
        """;

    public string ReleaseLease { get; } = $"""
        UPDATE {tables.Consumers} SET holder = NULL, held_since = NULL WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3
        """;

    public string SetState { get; } = $"""
        UPDATE {tables.Consumers} SET state = $4, error = $5, reported_at = {Moment("$6")},
            state_since = CASE WHEN state IS DISTINCT FROM $4 THEN {Moment("$6")} ELSE state_since END
        WHERE consumer = $1 AND partition = $2 AND lease_epoch = $3
        """;

    public string AddPause { get; } =
        $"INSERT INTO {tables.PausedConsumers} (consumer) VALUES ($1) ON CONFLICT (consumer) DO NOTHING";

    public string RemovePause { get; } = $"DELETE FROM {tables.PausedConsumers} WHERE consumer = $1";

    public string SetCheckpoint { get; } = $"""
        UPDATE {tables.Consumers} SET checkpoint = $2, holder = NULL, held_since = NULL, lease_epoch = lease_epoch + 1
        WHERE consumer = $1
        """;

    public string SetFirstCheckpoint { get; } = $"""
        UPDATE {tables.Consumers}
        SET checkpoint = coalesce((SELECT min(o.checkpoint) FROM {tables.Consumers} o WHERE o.consumer = $1), $2)
        WHERE consumer = $1 AND checkpoint IS NULL
        """;

    public string LockConsumer { get; } =
        $"SELECT FROM {tables.Consumers} WHERE consumer = $1 ORDER BY partition FOR UPDATE";

    public string FindDeadLetterWithoutKey { get; } = $"""
        SELECT min(id) FROM {tables.DeadLetters} WHERE consumer = $1 AND state <= 3 AND position > $2 AND key = ''
            AND EXISTS (SELECT FROM {tables.Collections} WHERE name = $1)
        """;

    public string MeasurePartitions { get; } = $"""
        SELECT count(*)::integer, count(DISTINCT coalesce(checkpoint, -1))::integer, max(lease_epoch),
            EXISTS (SELECT FROM {tables.DeadLetters} WHERE consumer = $1 AND state <= 3)
        FROM {tables.Consumers} WHERE consumer = $1
        """;

    public string AddPartitions { get; } = $"""
        INSERT INTO {tables.Consumers} (consumer, partition, checkpoint)
        SELECT $1, part, c.checkpoint FROM generate_series($2, $3 - 1) part
            JOIN {tables.Consumers} c ON c.consumer = $1 AND c.partition = part % $2
        """;

    public string RemovePartitions { get; } =
        $"DELETE FROM {tables.Consumers} WHERE consumer = $1 AND partition >= $2";

    public string TakeAllLeases { get; } =
        $"UPDATE {tables.Consumers} SET holder = NULL, held_since = NULL, lease_epoch = $2 WHERE consumer = $1";

    public string FindPartition { get; } = Select(tables) + " WHERE c.consumer = $1 AND c.partition = $2";

    public string FindPartitions { get; } = Select(tables) + " WHERE c.consumer = $1 ORDER BY c.partition";

    public string ListAll { get; } = Select(tables) + " ORDER BY c.consumer, c.partition";

    public string RemoveExpiredNodes { get; } = $"DELETE FROM {tables.Nodes} WHERE until <= {Moment("$1")}";

    public string PutNode { get; } = $"""
        INSERT INTO {tables.Nodes} (node, since, until, consumers) VALUES ($1, {Moment("$4")}, {Moment("$4")} + $3, $2)
        ON CONFLICT (node) DO UPDATE SET until = excluded.until, consumers = excluded.consumers
        """;

    public string RemoveNode { get; } = $"DELETE FROM {tables.Nodes} WHERE node = $1";

    public string Now { get; } = $"SELECT {Moment("$1")}";

    public string ListNodes { get; } =
        $"SELECT node, since, until, consumers FROM {tables.Nodes} WHERE until > {Moment("$1")} ORDER BY node";

    /// <summary>Returns SQL for the current time: the parameter, or the database's clock when it is null.</summary>
    private static string Moment(string time) => $"coalesce({time}, clock_timestamp())";

    private static string Select(Tables tables) => $"""
        SELECT c.consumer, c.partition, c.holder, c.lease_epoch, c.lease_until, c.checkpoint, p.consumer IS NOT NULL, c.state, c.error,
            c.reported_at,
            (SELECT count(*) FROM {tables.DeadLetters} d WHERE d.consumer = c.consumer AND d.state <= 3 AND d.partition = c.partition),
            (SELECT count(*) FROM {tables.DeadLetters} d
                WHERE d.consumer = c.consumer AND d.state <= 3 AND d.state = 3 AND d.partition = c.partition),
            c.held_since, c.state_since, (SELECT count(*) FROM {tables.Consumers} o WHERE o.consumer = c.consumer)::integer
        FROM {tables.Consumers} c LEFT JOIN {tables.PausedConsumers} p ON p.consumer = c.consumer
        """;
}
