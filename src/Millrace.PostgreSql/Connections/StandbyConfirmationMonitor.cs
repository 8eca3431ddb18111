using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// Detects commits that their synchronous standby has not confirmed. PostgreSQL reports a commit as successful, with a
/// warning, if the wait for the standby is cancelled, for example by <see cref="PostgreSqlOptions.CommandTimeout"/>. A
/// fail-over would lose that commit.
/// </summary>
/// <remarks>https://www.postgresql.org/docs/15/warm-standby.html, "Synchronous Replication".</remarks>
internal sealed class StandbyConfirmationMonitor : IDisposable
{
    // The function of the server that emits the warning. The warning has no specific code, and its text is localized.
    private const string Routine = "SyncRepWaitForLSN";

    private readonly NpgsqlConnection _connection;
    private volatile bool _isUnconfirmed;

    public StandbyConfirmationMonitor(NpgsqlConnection connection)
    {
        _connection = connection;
        connection.Notice += OnNotice;
    }

    /// <summary>
    /// Gets whether a commit on the connection is stored on this server only. Valid once the commit has returned.
    /// </summary>
    public bool IsUnconfirmed => _isUnconfirmed;

    public static StorageException InDoubt(string description) =>
        new(
            $"{description}: the commit is stored there, but the synchronous standby has not confirmed it in time. A "
                + "fail-over may lose it. Check that a standby named by synchronous_standby_names runs.",
            StorageProblem.InDoubt);

    public void Dispose() => _connection.Notice -= OnNotice;

    private void OnNotice(object sender, NpgsqlNoticeEventArgs notice)
    {
        if (notice.Notice.Routine == Routine)
            _isUnconfirmed = true;
    }
}
