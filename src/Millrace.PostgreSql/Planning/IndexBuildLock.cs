using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Planning;

/// <summary>
/// Lets one session at a time build or remove indexes of a collection. Without it, a second node would take the
/// unfinished index of the first node for the remains of an interrupted build, and two builds could block each other.
/// </summary>
internal sealed class IndexBuildLock(Database database, PostgreSqlDocuments documents, TimeProvider time)
{
    private const int LockDistance = 3; // From the class of the log's lock. Moves and log indexes have 1 and 2.

    /// <summary>
    /// Runs an operation under the lock. While another session holds it, waits without a connection: a build waits for
    /// all other transactions, so a session that waited in the database would block it.
    /// </summary>
    /// <exception cref="StorageException">The options do not allow session state, or the operation failed.</exception>
    public async ValueTask<TResult> Run<TState, TResult>(
        string collection,
        Func<NpgsqlConnection, Collection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
    {
        if (!database.Options.Prepares)
            throw new StorageException(
                $"{database.Description} is reached through a pool of statements, where indexes cannot be built and "
                    + "removed safely. Connect directly, with PostgreSqlOptions.Prepares.",
                StorageProblem.Other);
        while (true)
        {
            var (isRun, result) = await documents.OnCollection(
                collection,
                static (connection, found, args, cancel) =>
                    args.self.TryRun(connection, found, args.work, args.state, cancel),
                (self: this, work, state),
                cancellationToken).ConfigureAwait(false);
            if (isRun)
                return result;
            await Task.Delay(database.Options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<(bool IsRun, TResult Result)> TryRun<TState, TResult>(
        NpgsqlConnection connection,
        Collection collection,
        Func<NpgsqlConnection, Collection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
    {
        var numbers = NumbersOf(collection);
        var take = connection.Command($"SELECT pg_try_advisory_lock{numbers}");
        await using var _ = take.ConfigureAwait(false);
        var mayBeHeld = true; // Until the server's answer is known.
        try
        {
            // The statement does not wait. A cancelled one could leave the lock to the next user of the connection.
            mayBeHeld = await take.Scalar(false, CancellationToken.None).ConfigureAwait(false);
            if (!mayBeHeld)
                return (false, default!); // The caller does not read the result.
            cancellationToken.ThrowIfCancellationRequested();
            return (true, await work(connection, collection, state, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            if (mayBeHeld)
                await Release(connection, numbers).ConfigureAwait(false);
        }
    }

    /// <summary>Releases the lock before the connection is reused.</summary>
    private async ValueTask Release(NpgsqlConnection connection, string numbers)
    {
        try
        {
            await PostgreSqlDocumentIndexes
                .Execute(connection, $"SELECT pg_advisory_unlock{numbers}", CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
        {
            // The connection is broken or must not be reused: it is closed when it is released.
            database.ForgetIdle();
        }
    }

    private string NumbersOf(Collection collection)
    {
        // Equal hashes only make a build wait.
        var hash = Tables.HashOf($"{database.Tables.LogSchema} {collection.Table}");
        return string.Create(
            CultureInfo.InvariantCulture, $"({database.Tables.LogLock.Class + LockDistance}, {hash})");
    }
}
