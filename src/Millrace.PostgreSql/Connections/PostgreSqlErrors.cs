using System.Net.Sockets;
using System.Security.Authentication;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>What failures of the driver and the server mean.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Whether a failure is of the kind that may be understood here.</summary>
    public static bool IsKnown(Exception exception) =>
        exception is NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException;

    /// <summary>
    /// Whether the connection is gone, so that the server may or may not have done what it was asked to.
    /// </summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        PostgresException known => IsShutdown(known.SqlState),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether the server takes no writes, so that nothing was written: it is a standby, or has been the
    /// primary.</summary>
    public static bool IsStandby(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>Whether the connection is of no more use: it is gone, or its server is not the primary.</summary>
    public static bool ShouldReconnect(Exception exception) => IsConnectionLost(exception) || IsStandby(exception);

    /// <summary>Whether a table was not there: another node dropped a collection.</summary>
    public static bool IsMissingTable(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName,
    };

    /// <summary>Whether somebody else held a lock for longer than it was waited for. The transaction has then done
    /// nothing.</summary>
    public static bool IsLockWait(Exception? exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    public static StorageException ToStorage(Exception exception, string description) =>
        exception switch
        {
            PostgresException known => Of(known, description),
            ObjectDisposedException => new StorageException("The store is closed.", StorageProblem.Closed, exception),
            NpgsqlException { InnerException: TimeoutException } or TimeoutException => new StorageException(
                $"{description} did not answer in time. Look at its load and locks (pg_stat_activity), or raise the "
                    + $"limits "
                    + "in PostgreSqlOptions.",
                StorageProblem.Busy,
                exception),
            NpgsqlException { InnerException: AuthenticationException refused } => new StorageException(
                $"{description} has not shown who it is: {refused.Message.TrimEnd('.')}. Its certificate must bear "
                    + $"the name that is asked for "
                    + "and be vouched for by somebody who is trusted: name that one by Root Certificate, or "
                    + "sslrootcert in an address.",
                StorageProblem.Unavailable,
                exception),
            _ => new StorageException(
                $"{description} cannot be reached: {exception.Message.TrimEnd('.')}. Check that it runs, the address, "
                    + $"and the network between.",
                StorageProblem.Unavailable,
                exception),
        };

    private static bool IsShutdown(string state) =>
        state.StartsWith("08", StringComparison.Ordinal)
        || state
            is PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow
                or "25P03"
                or "57P05"; // Idle for too long, in a transaction or not.

    private static StorageException Of(PostgresException known, string description)
    {
        if (MoveTriggers.FindRefusal(known, description) is { } refusal)
            return refusal;
        var (problem, advice) = known.SqlState switch
        {
            PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.QueryCanceled => (
                StorageProblem.Busy, "Somebody else holds it for too long: look at pg_stat_activity and pg_locks."),
            PostgresErrorCodes.DiskFull => (StorageProblem.Full, "Make room on its disk."),
            PostgresErrorCodes.OutOfMemory
            or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.ConfigurationLimitExceeded => (
                StorageProblem.Unavailable, "Raise its limits, or lower PostgreSqlOptions.MaxConnections."),
            PostgresErrorCodes.ReadOnlySqlTransaction => (
                StorageProblem.ReadOnly,
                "This server is a standby or read-only: connect to the primary, or name all servers (Host=one,two)."),
            PostgresErrorCodes.InsufficientPrivilege => (
                StorageProblem.ReadOnly, "Grant the role what it needs: millrace schema --role prints the statements."),
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => (
                StorageProblem.Damaged, "Restore a backup."),
            PostgresErrorCodes.IoError => (StorageProblem.InputOutput, "Check its disk."),
            PostgresErrorCodes.InvalidCatalogName
            or PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification => (
                StorageProblem.Unavailable, "Check the database, user and password of the connection string."),
            _ when IsShutdown(known.SqlState) => (
                StorageProblem.Unavailable, "It is shutting down, starting, or ended the connection."),
            _ => (StorageProblem.Other, ""),
        };
        return new StorageException(
            $"{description}: {known.MessageText} ({known.SqlState}) {advice}".TrimEnd(), problem, known);
    }
}
