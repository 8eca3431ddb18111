using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Notices commits that their synchronous standby has not confirmed. A commit that is cancelled while it waits for
/// that, as at the end of <see cref="PostgreSqlOptions.CommandTimeout"/>, is answered as done, with a warning: a
/// fail-over would lose it.
/// </summary>
/// <remarks>https://www.postgresql.org/docs/15/warm-standby.html, "Synchronous Replication".</remarks>
internal sealed class StandbyConfirmationMonitor : IDisposable
{
    // Where in the server the warning comes from. Its text is in the server's language, and it has no code of its own.
    private const string Routine = "SyncRepWaitForLSN";

    private readonly NpgsqlConnection _connection;
    private volatile bool _hasGivenUp;

    public StandbyConfirmationMonitor(NpgsqlConnection connection)
    {
        _connection = connection;
        connection.Notice += Hear;
    }

    /// <summary>Whether a commit on the connection is on this server alone. Read when it has been answered.</summary>
    public bool HasGivenUp => _hasGivenUp;

    public static StorageException InDoubt(string description) =>
        new(
            $"{description}: it is committed there, and the synchronous standby has not confirmed it in time: a "
                + $"fail-over may lose it. See "
                + "that a standby named by synchronous_standby_names runs.",
            StorageProblem.InDoubt);

    public void Dispose() => _connection.Notice -= Hear;

    private void Hear(object sender, NpgsqlNoticeEventArgs told)
    {
        if (told.Notice.Routine == Routine)
            _hasGivenUp = true;
    }
}
