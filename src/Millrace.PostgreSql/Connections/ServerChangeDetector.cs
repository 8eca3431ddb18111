using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Notices, before the first commit, that the store came to another server or that its server was promoted or restored
/// to an earlier moment, and begins a new epoch of the log then: what was committed last may be missing, and its
/// positions are given again.
/// </summary>
/// <remarks>
/// A server is told by its number and its timeline, which PostgreSQL raises with every promotion and every restore to a
/// point in time (https://www.postgresql.org/docs/15/continuous-archiving.html, "Timelines"). Where it does not tell
/// them, nothing is noticed.
/// </remarks>
internal sealed class ServerChangeDetector(Database database)
{
    // The name of a segment of the write-ahead log begins with eight digits of the timeline.
    private const string Server =
        "(SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    private readonly string _isKnown = $"SELECT server IS NOT DISTINCT FROM {Server} FROM {database.Tables.Header}";
    private readonly string _note = $"""
        UPDATE {database.Tables.Header} SET epoch = epoch + (server IS NOT NULL)::int, turn = turn + 1, server = {Server}
        WHERE server IS DISTINCT FROM {Server}
        """;

    private volatile bool _isSuspected = true;

    /// <summary>Has the next look look.</summary>
    public void MarkSuspected() => _isSuspected = true;

    /// <summary>Looks, where a connection was lost since the last time, and begins a new epoch if it has to.</summary>
    /// <exception cref="StorageException">The database cannot be reached, or this role may not write.</exception>
    public async ValueTask Check(CancellationToken cancellationToken)
    {
        if (!_isSuspected)
            return;
        _isSuspected = false; // Not behind it: another connection may be lost meanwhile.
        try
        {
            if (!await IsKnown(cancellationToken).ConfigureAwait(false))
                await Note(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _isSuspected = true;
            throw;
        }
    }

    /// <summary>Whether the store was last written on this server as it is; also when that is not to be
    /// known.</summary>
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
                return true; // A standby, which is not written, or a service that keeps its control data for itself.
            }
        },
        _isKnown, cancellationToken);

    private ValueTask<int> Note(CancellationToken cancellationToken) => database.Write(
        static async (connection, sql, cancel) =>
        {
            var command = connection.Command(sql);
            await using var _ = command.ConfigureAwait(false);
            return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        },
        _note, takesLock: true, cancellationToken);
}
