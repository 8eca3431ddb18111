using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// Terminates commits whose node has frozen during the commit. The database then waits for the rest of the node's data,
/// while other transactions wait for the node's locks.
/// </summary>
/// <remarks>
/// Between two round trips, the database ends the commit itself, because the transaction is idle. During a bulk load or
/// a long batch it does not: a statement timeout is not checked while the database reads from a client, and no timeout
/// applies between the messages of one batch. Therefore waiting nodes check for frozen sessions. They find the sessions
/// by the locks that only commits take.
/// </remarks>
internal sealed class StalledCommitTerminator(Database database, TimeProvider time)
{
    /// <summary>
    /// The interval between two checks of a session. A session that sends nothing in this time as well is not just
    /// slow.
    /// </summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(100);

    private readonly string _find = $"""
        SELECT a.pid, concat(a.backend_start, ' ', a.state_change, ' ', c.bytes_processed) AS stamp
        FROM pg_stat_activity a LEFT JOIN pg_stat_progress_copy c ON c.pid = a.pid
        WHERE a.wait_event = 'ClientRead' AND a.state_change < clock_timestamp() - $1 AND pg_has_role(a.usesysid, 'MEMBER')
            AND a.pid IN (
                SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND d.datname = current_database()
                    AND (l.classid::bigint, l.objid::bigint) IN (
                        {Numbers(database.Tables.LogLock)}, {Numbers(database.Tables.CommitMark)}))
        """;

    private int _isChecking;

    /// <summary>
    /// Terminates sessions that have sent nothing for longer than the hold timeout. On a failure, the caller simply
    /// continues to wait.
    /// </summary>
    public async ValueTask End(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isChecking, 1) != 0)
            return; // Another waiting caller already checks.
        try
        {
            await database
                .Read(static (connection, self, cancel) => self.End(connection, cancel), this, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // The caller's own operation fails if the problem persists.
        }
        finally
        {
            Volatile.Write(ref _isChecking, 0);
        }
    }

    private async ValueTask<int> End(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (processes, stamps) = await Find(connection, cancellationToken).ConfigureAwait(false);
        if (processes.Count == 0)
            return 0;
        await Task.Delay(RecheckInterval, time, cancellationToken).ConfigureAwait(false);
        var end = connection
            .Command(
                $"SELECT pg_terminate_backend(f.pid) FROM ({_find}) f JOIN unnest($2, $3) AS s (pid, stamp) USING "
                    + "(pid, stamp)"
            )
            .With(database.Options.HoldTimeout)
            .With(processes)
            .With(stamps);
        await using var _ = end.ConfigureAwait(false);
        await end.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return processes.Count;
    }

    private async ValueTask<(List<int> Processes, List<string> Stamps)> Find(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var processes = new List<int>();
        var stamps = new List<string>();
        var find = connection.Command(_find).With(database.Options.HoldTimeout);
        await using var _ = find.ConfigureAwait(false);
        var row = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            processes.Add(row.GetInt32(0));
            stamps.Add(row.GetString(1));
        }
        return (processes, stamps);
    }

    /// <summary>Formats the two numbers of a lock as <c>pg_locks</c> shows them: unsigned.</summary>
    private static string Numbers((int Class, int Key) numbers) =>
        FormattableString.Invariant($"({(uint)numbers.Class}, {(uint)numbers.Key})");
}
