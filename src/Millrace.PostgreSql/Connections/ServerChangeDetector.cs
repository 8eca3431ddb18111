using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// Detects, before the first commit, that the store runs on another server, or that its server was promoted or restored
/// to an earlier time. It then starts a new epoch of the log, because the last commits may be missing and their
/// positions are assigned again.
/// </summary>
/// <remarks>
/// A server is identified by its system identifier and its timeline, which PostgreSQL raises with every promotion and
/// every point-in-time recovery (https://www.postgresql.org/docs/15/continuous-archiving.html, "Timelines"). If the
/// server does not report them, a change is not detected.
/// </remarks>
internal sealed class ServerChangeDetector(Database database)
{
    /// <summary>The expression of the server and its timeline, which fails where the server hides them.</summary>
    // The name of a segment of the write-ahead log starts with eight digits of the timeline.
    public const string Server =
        "(SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    private readonly string _isKnown = $"SELECT server IS NOT DISTINCT FROM {Server} FROM {database.Tables.Header}";
    private readonly string _recordServer = $"""
        UPDATE {database.Tables.Header} SET epoch = epoch + (server IS NOT NULL)::int, turn = turn + 1, server = {Server}
        WHERE server IS DISTINCT FROM {Server}
        """;

    private volatile bool _isSuspected = true;

    /// <summary>Makes the next check query the server.</summary>
    public void MarkSuspected() => _isSuspected = true;

    /// <summary>
    /// Checks the server if a connection was lost since the last check, and starts a new epoch if necessary.
    /// </summary>
    /// <exception cref="StorageException">The database cannot be reached, or this role may not write.</exception>
    public async ValueTask Check(CancellationToken cancellationToken)
    {
        if (!_isSuspected)
            return;
        _isSuspected = false; // Reset before the query: another connection may be lost meanwhile.
        try
        {
            if (!await IsKnown(cancellationToken).ConfigureAwait(false))
                await RecordServer(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _isSuspected = true;
            throw;
        }
    }

    /// <summary>
    /// Returns true if the store was last written on this server in its current state, or if that cannot be determined.
    /// </summary>
    private ValueTask<bool> IsKnown(CancellationToken cancellationToken) => database.Read(
        static async (connection, sql, cancel) =>
        {
            try
            {
                var command = connection.Command(sql);
                await using var _ = command.ConfigureAwait(false);
                return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is not false;
            }
            catch (PostgresException refused) when (!PostgreSqlErrors.ShouldReconnect(refused))
            {
                return true; // It is a standby, which gets no writes, or a service that hides its control data.
            }
        },
        _isKnown, cancellationToken);

    private ValueTask<int> RecordServer(CancellationToken cancellationToken) => database.Write(
        static async (connection, sql, cancel) =>
        {
            var command = connection.Command(sql);
            await using var _ = command.ConfigureAwait(false);
            return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        },
        _recordServer, takesLock: true, cancellationToken);
}
