using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Schema;

/// <summary>
/// Builds indexes that an existing log lacks after an upgrade, while all nodes continue to read and append. One node
/// builds them; if it is killed, another one starts again.
/// </summary>
/// <remarks>
/// Behind a pooler that may run each statement on another connection, no node can know that it is the only builder.
/// There the owner of the log builds the indexes, with the statements that <c>millrace schema</c> prints.
/// </remarks>
internal sealed class IndexBuilder(Database database, TimeProvider time) : IAsyncDisposable
{
    private const int PollsBetweenTries = 10;
    private const int LockDistance = 2; // From the class of the log's lock. The class in between is the mover's lock.

    private readonly CancellationTokenSource _closing = new();
    private Task _work = Task.CompletedTask;
    private int _isClosed;

    private Tables Tables => database.Tables;

    private PostgreSqlOptions Options => database.Options;

    private string Description => database.Description;

    /// <summary>Returns the condition that all indexes exist and are valid.</summary>
    public static string AreComplete(Tables tables) => $"""
        (SELECT count(*) = {StoreSchema.BackgroundIndexes.Length} FROM pg_index WHERE indisvalid AND indexrelid IN ({string.Join(", ",
            StoreSchema.BackgroundIndexes.Select(index => $"to_regclass('{tables.LogSchema}.{index.Name}')"))}))
        """;

    /// <summary>Starts to build the indexes, and retries until they exist or the store is closed.</summary>
    public void Start()
    {
        if (Options is { Migrates: true, Prepares: true })
            _work = Task.Run(BuildInBackground, CancellationToken.None);
    }

    /// <summary>Builds the indexes, or waits until another node has built them.</summary>
    /// <exception cref="StorageException">This role lacks the rights.</exception>
    /// <exception cref="InvalidOperationException">The options do not allow session state.</exception>
    public async ValueTask Build(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await TryBuild(cancellationToken).ConfigureAwait(false))
                    return;
            }
            catch (StorageException busy) when (busy.Problem is StorageProblem.Busy or StorageProblem.Unavailable)
            {
                // A long transaction is still open, or another session maintains the same table. Either ends in time.
            }
            await Task.Delay(PollsBetweenTries * Options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task BuildInBackground()
    {
        try
        {
            await Build(_closing.Token).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // The owner of the log must build the indexes, or the whole store is failing. Reads work without them.
        }
    }

    /// <summary>Returns true if the indexes exist now, and false if another node builds them.</summary>
    private ValueTask<bool> TryBuild(CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, self, cancel) =>
            {
                if (await QueryFlag(connection, $"SELECT {AreComplete(self.Tables)}", cancel).ConfigureAwait(false))
                    return true;
                if (!self.Options.Prepares)
                {
                    throw new InvalidOperationException(
                        $"{self.Description} lacks an index. To build it connect directly, with Prepares, and not "
                            + "through a pool "
                            + "of statements.");
                }
                var lockOfBuild = $"({self.Tables.LogLock.Class + LockDistance}, {self.Tables.LogLock.Key})";
                try
                {
                    // The statement does not wait. A cancelled one could leave the lock to the pooled connection.
                    var take = $"SELECT pg_try_advisory_lock{lockOfBuild}";
                    if (!await QueryFlag(connection, take, CancellationToken.None).ConfigureAwait(false))
                        return false;
                    cancel.ThrowIfCancellationRequested();
                    foreach (var statement in PostgreSqlSchema.IndexStatements(self.Options))
                        await Execute(connection, statement, cancel).ConfigureAwait(false);
                }
                finally
                {
                    await self.ReleaseLock(connection, lockOfBuild).ConfigureAwait(false);
                }
                return await QueryFlag(connection, $"SELECT {AreComplete(self.Tables)}", cancel).ConfigureAwait(false);
            },
            this,
            cancellationToken);

    /// <summary>Resets the session settings of the build before the connection is reused.</summary>
    private async ValueTask ReleaseLock(NpgsqlConnection connection, string lockOfBuild)
    {
        try
        {
            await Execute(connection, "RESET lock_timeout", CancellationToken.None).ConfigureAwait(false);
            await Execute(connection, $"SELECT pg_advisory_unlock{lockOfBuild}", CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
        {
            // The connection is broken or must not be reused: it is closed when it is released.
            database.ForgetIdle();
        }
    }

    private static async ValueTask<bool> QueryFlag(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(false, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask Execute(
        NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        var command = connection.Command(statement);
        await using var _ = command.ConfigureAwait(false);
        // Building an index of a large log takes long, and its lock waits have their own limit.
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
