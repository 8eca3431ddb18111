using Microsoft.Extensions.Logging;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Keys;

/// <summary>
/// The connections of a key store: runs statements and transactions with time limits, and translates failures.
/// </summary>
internal sealed partial class KeyDatabase(
    NpgsqlConnectionStringBuilder settings, string address, TimeProvider time, ILogger? logger) : IAsyncDisposable
{
    /// <summary>The maximum time of a statement.</summary>
    public static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(10);

    // The server ends a statement before the client stops waiting for it, and a transaction whose node froze.
    private const string SetLimits = """
        SELECT set_config('lock_timeout', '5s', true), set_config('statement_timeout', '9s', true),
            set_config('idle_in_transaction_session_timeout', '5s', true)
        """;

    private readonly NpgsqlDataSource _source = DataSources.Make(settings);
    private volatile bool _isDisposed;

    public string Description => $"keys in {address}";

    public bool IsDisposed => _isDisposed;

    /// <summary>Runs reads. They are repeated once if a connection of the pool turns out to be closed.</summary>
    public async ValueTask<T> Run<T>(
        Func<NpgsqlConnection, TimeProvider, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        for (var isRepeated = false; ; isRepeated = true)
        {
            try
            {
                return await RunOnce(work, cancellationToken).ConfigureAwait(false);
            }
            catch (KeyStoreException lost) when (!isRepeated && IsRepeatable(lost.InnerException))
            {
                _source.Clear(); // The server has usually closed all of them.
            }
        }
    }

    /// <summary>Runs reads and writes in a transaction, which an exception rolls back.</summary>
    /// <exception cref="KeyStoreException">Nothing was changed, or, if the connection was lost, possibly
    /// everything.</exception>
    public ValueTask<T> Change<T>(
        Func<NpgsqlConnection, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        Run(
            async (connection, _, cancel) =>
            {
                var transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
                await using var __ = transaction.ConfigureAwait(false);
                var limits = connection.Command(SetLimits);
                await using var ___ = limits.ConfigureAwait(false);
                await limits.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                var result = await work(connection, cancel).ConfigureAwait(false);
                try
                {
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception lost) when (PostgreSqlErrors.IsConnectionLost(lost))
                {
                    throw new KeyStoreException(
                        $"{Description}: the connection broke during a change, which may have happened. Repeat it.",
                        StorageProblem.Unavailable,
                        lost);
                }
                return result;
            },
            cancellationToken);

    /// <summary>
    /// Removes former versions of rows, if the role may do so. A failure is only logged, because the keys are destroyed
    /// anyway.
    /// </summary>
    public async ValueTask Vacuum(CancellationToken cancellationToken)
    {
        try
        {
            await RunOnce(
                    static async (connection, _, cancel) =>
                    {
                        var command = connection.Command("VACUUM millrace_keys.keys");
                        await using var __ = command.ConfigureAwait(false);
                        return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                    },
                    cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is KeyStoreException or OperationCanceledException)
        {
            if (logger is not null)
                NotVacuumed(logger, Description, failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _source.DisposeAsync();
    }

    /// <summary>Returns true when the connection is lost, but not when the commit of a change was lost.</summary>
    private static bool IsRepeatable(Exception? failure) =>
        failure is not null and not KeyStoreException && PostgreSqlErrors.IsConnectionLost(failure)
        && !PostgreSqlErrors.IsTimeout(failure);

    private async ValueTask<T> RunOnce<T>(
        Func<NpgsqlConnection, TimeProvider, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isDisposed)
            throw new KeyStoreException($"{Description}: the key store is closed.", StorageProblem.Closed);
        string? role = settings.Username;
        try
        {
            var connection = await _source.OpenPrimary(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            role = connection.UserName ?? role;
            return await work(connection, time, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new KeyStoreException(
                $"{Description}: the role '{role}' lacks a right: {refused.MessageText}. Grant it CREATE on the "
                    + "database for the first start, and later SELECT, INSERT and UPDATE on the tables of the schema "
                    + "millrace_keys.",
                StorageProblem.ReadOnly,
                refused);
        }
        catch (Exception failure) when (PostgreSqlErrors.IsKnown(failure))
        {
            var translated = PostgreSqlErrors.ToStorage(failure, Description);
            throw new KeyStoreException(translated.Message, translated.Problem, failure);
        }
    }

    [LoggerMessage(
        EventId = 13101,
        Level = LogLevel.Warning,
        Message = "The former versions of destroyed keys could not be removed from the table of {Keys}. Run VACUUM "
            + "millrace_keys.keys.")]
    private static partial void NotVacuumed(ILogger logger, string keys, Exception exception);
}
