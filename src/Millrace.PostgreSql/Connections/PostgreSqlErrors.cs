using System.Net.Sockets;
using System.Security.Authentication;
using Millrace.PostgreSql.Moves;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>Translates failures of the driver and the server.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Returns true for failures of the driver, the server or the network, which can be translated.</summary>
    public static bool IsKnown(Exception exception) =>
        exception is NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException;

    /// <summary>
    /// Returns true when the connection is lost, so that the server may or may not have executed the request.
    /// </summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        PostgresException known => IsShutdown(known.SqlState),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>
    /// Returns true when the server is a standby or a former primary and accepts no writes, so that nothing was
    /// written.
    /// </summary>
    public static bool IsStandby(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>
    /// Returns true when the connection cannot be used any more: it is lost, or its server is not the primary.
    /// </summary>
    public static bool ShouldReconnect(Exception exception) => IsConnectionLost(exception) || IsStandby(exception);

    /// <summary>Returns true when a table does not exist because another node dropped a collection.</summary>
    public static bool IsMissingTable(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName,
    };

    /// <summary>Returns true when another node has written between the reads and the writes of a commit.</summary>
    public static bool IsConcurrencyFailure(Exception exception) =>
        exception
            is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected }
        || IsMissingTable(exception);

    /// <summary>Returns true when the server did not answer within the command timeout.</summary>
    public static bool IsTimeout(Exception? exception) =>
        exception is TimeoutException or NpgsqlException { InnerException: TimeoutException };

    /// <summary>
    /// Returns true when the wait for a lock exceeded its timeout. The transaction has changed nothing.
    /// </summary>
    public static bool IsLockWait(Exception? exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    public static StorageException ToStorage(Exception exception, string description) =>
        exception switch
        {
            PostgresException known => Of(known, description),
            ObjectDisposedException => new StorageException("The store is closed.", StorageProblem.Closed, exception),
            NpgsqlException { InnerException: TimeoutException } or TimeoutException => new StorageException(
                $"{description} did not answer in time. Check its load and locks (pg_stat_activity), or raise the "
                    + "limits in PostgreSqlOptions.",
                StorageProblem.Busy,
                exception),
            NpgsqlException { InnerException: AuthenticationException refused } => new StorageException(
                $"{description} could not be authenticated: {refused.Message.TrimEnd('.')}. Its certificate must "
                    + "contain the requested name and be issued by a trusted authority. Set that authority with Root "
                    + "Certificate, or with sslrootcert in an address.",
                StorageProblem.Unavailable,
                exception),
            _ => new StorageException(
                $"{description} cannot be reached: {exception.Message.TrimEnd('.')}. Check that the server runs, the "
                    + "address, and the network.",
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
                or "57P05"; // Idle timeout, inside or outside a transaction.

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
                StorageProblem.Busy, "Another session holds a lock for too long: check pg_stat_activity and pg_locks."),
            PostgresErrorCodes.DiskFull => (StorageProblem.Full, "Free space on its disk."),
            PostgresErrorCodes.OutOfMemory
            or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.ConfigurationLimitExceeded => (
                StorageProblem.Unavailable, "Raise its limits, or lower PostgreSqlOptions.MaxConnections."),
            PostgresErrorCodes.ReadOnlySqlTransaction => (
                StorageProblem.ReadOnly,
                "This server is a standby or read-only: connect to the primary, or name all servers (Host=one,two)."),
            PostgresErrorCodes.InsufficientPrivilege => (
                StorageProblem.ReadOnly, "Grant the role its rights: millrace schema --role prints the statements."),
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
