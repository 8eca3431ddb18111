using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// Checks that the database answers, on a connection that no other operation uses. A pool whose connections are all in
/// use therefore does not look like a lost database.
/// </summary>
/// <remarks>
/// A check whose connection hangs keeps this connection, and the next check opens another one. Opening ends after one
/// second.
/// </remarks>
internal sealed class AvailabilityCheck(Database database) : IAsyncDisposable
{
    private const int TimeoutSeconds = 1;

    private readonly Lazy<NpgsqlDataSource> _source = new(() => Create(database.Options));
    private NpgsqlConnection? _connection;

    /// <exception cref="Storage.StorageException">The database did not answer.</exception>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        database.CheckOpen();
        try
        {
            if (Interlocked.Exchange(ref _connection, null) is { } kept
                && await TryAsk(kept).ConfigureAwait(false))
                return;
            cancellationToken.ThrowIfCancellationRequested();
            // The kept connection may be lost although the database is back, as after a restart.
            var opened = await _source.Value.OpenPrimary(cancellationToken).ConfigureAwait(false);
            await Ask(opened).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
        {
            throw PostgreSqlErrors.ToStorage(exception, database.Description);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
        if (_source.IsValueCreated)
            await _source.Value.DisposeAsync().ConfigureAwait(false);
    }

    private static NpgsqlDataSource Create(PostgreSqlOptions options)
    {
        var settings = DataSources.Settings(options);
        settings.Pooling = false;
        settings.Timeout = TimeoutSeconds;
        settings.CommandTimeout = TimeoutSeconds;
        settings.CancellationTimeout = -1; // The driver does not wait for the answer to a cancellation.
        return DataSources.Make(settings);
    }

    /// <summary>Returns false if the connection is lost.</summary>
    private async ValueTask<bool> TryAsk(NpgsqlConnection connection)
    {
        try
        {
            await Ask(connection).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
            when (PostgreSqlErrors.ShouldReconnect(exception) && !PostgreSqlErrors.IsTimeout(exception))
        {
            return false;
        }
    }

    /// <summary>Sends a statement, and keeps the connection if the server answers.</summary>
    private async ValueTask Ask(NpgsqlConnection connection)
    {
        try
        {
            var command = connection.Command("SELECT 1");
            await using var _ = command.ConfigureAwait(false);
            // No token: the driver would block its caller until the server has received the cancellation.
            await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        if (Interlocked.CompareExchange(ref _connection, connection, null) is not null)
            await connection.DisposeAsync().ConfigureAwait(false);
    }
}
