using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits on the single commit connection of this node. A commit that fails halfway is resolved before the next one
/// starts.
/// </summary>
internal sealed class LogWriter(
    Database database,
    GeneralCommit general,
    OptimisticCommit optimistic,
    ConsumerCommit consumers,
    Collections collections,
    TimeProvider time) : IAsyncDisposable
{
    private const int Attempts = 3;

    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(20);
    // The same limit as for resolving the outcome of a commit.
    private static readonly TimeSpan InDoubtTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ResolveRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly InDoubtCheck _inDoubtCheck = new(database.Tables);
    private readonly ServerChangeDetector _serverChange = new(database);
    private NpgsqlConnection? _connection;
    private StandbyConfirmationMonitor? _standby; // Belongs to _connection.
    private long _unresolvedCommits; // The number of commits whose outcome could not be determined.
    private long _resolvedCommits; // The number of unresolved commits that can no longer take effect.

    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return [];
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            database.CheckOpen();
            var started = time.GetTimestamp();
            for (var number = 1; ;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // If an assumed fact is wrong, the first attempt fails, and the next one reads all facts.
                var attempt = new CommitAttempt(batch, now) { IsFirst = number == 1 };
                if (await Try(attempt, started, isLast: number == Attempts, cancellationToken).ConfigureAwait(false) is
                    { } outcomes)
                    return outcomes;
                if (attempt.HasTimedOutOnLock)
                    await database.AfterLockWait(cancellationToken).ConfigureAwait(false);
                else
                    number++;
            }
        }
        finally
        {
            if (database.SharesConnections)
                await Close().ConfigureAwait(false);
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        await Close().ConfigureAwait(false);
        _gate.Release();
    }

    /// <summary>Checks, before anything is written, whether the store runs on another server.</summary>
    public ValueTask CheckServer(CancellationToken cancellationToken) => _serverChange.Check(cancellationToken);

    /// <summary>
    /// Makes lookups of single events wait until no commit is in doubt, because the server may still be executing one.
    /// When this method returns, no earlier commit in doubt can still take effect.
    /// </summary>
    /// <exception cref="StorageException">A commit may still be running.</exception>
    public async ValueTask ResolveInDoubt(CancellationToken cancellationToken)
    {
        var unresolved = Volatile.Read(ref _unresolvedCommits);
        if (unresolved == Volatile.Read(ref _resolvedCommits))
            return;
        await database
            .WriteWithin(
                InDoubtTimeout,
                static (connection, self, cancel) => self.AdvanceGeneration(connection, cancel),
                this,
                cancellationToken)
            .ConfigureAwait(false);
        Volatile.Write(ref _resolvedCommits, unresolved); // Does not include commits that became unresolved meanwhile.
    }

    /// <summary>Tries to commit; returns null if nothing was written and another attempt may succeed.</summary>
    private async ValueTask<CommitOutcome[]?> Try(
        CommitAttempt attempt, long started, bool isLast, CancellationToken cancellationToken)
    {
        // Checks before it takes the commit connection, because the check also needs a connection.
        await _serverChange.Check(cancellationToken).ConfigureAwait(false);
        var connection = _connection ??= TrackStandby(
            await database.ConnectToCommit(cancellationToken).ConfigureAwait(false));
        try
        {
            if (await consumers.Try(connection, attempt).ConfigureAwait(false) is { } consumerOutcomes)
                return Confirmed(attempt, consumerOutcomes);
            if (await optimistic.Try(connection, attempt).ConfigureAwait(false) is { } outcomes)
            {
                optimistic.RecordCommit(attempt, facts: null);
                return Confirmed(attempt, outcomes);
            }
            var facts = await general.Run(connection, attempt).ConfigureAwait(false);
            optimistic.RecordCommit(attempt, facts);
            return Confirmed(attempt, attempt.Outcomes);
        }
        catch (Exception exception) when (PostgreSqlErrors.ShouldReconnect(exception))
        {
            await DiscardConnections().ConfigureAwait(false);
            if (!attempt.WritesNothing && !PostgreSqlErrors.IsStandby(exception)) // A standby has written nothing.
                return await Resolve(attempt, exception).ConfigureAwait(false);
            return isLast || exception is TimeoutException or NpgsqlException { InnerException: TimeoutException }
                ? throw PostgreSqlErrors.ToStorage(exception, database.Description)
                : null;
        }
        catch (Exception exception)
        {
            optimistic.Forget();
            await Rollback().ConfigureAwait(false);
            attempt.HasTimedOutOnLock =
                PostgreSqlErrors.IsLockWait(exception) && time.GetElapsedTime(started) < database.Options.LockTimeout;
            if (attempt.HasTimedOutOnLock)
                return null;
            if (!isLast && IsConcurrencyFailure(exception))
            {
                optimistic.RecordMiss();
                collections.Forget();
                return null;
            }
            if (PostgreSqlErrors.IsKnown(exception))
                throw PostgreSqlErrors.ToStorage(exception, database.Description);
            throw;
        }
    }

    private NpgsqlConnection TrackStandby(NpgsqlConnection connection)
    {
        _standby = new StandbyConfirmationMonitor(connection);
        return connection;
    }

    /// <summary>
    /// Returns the outcomes if the standby has confirmed the commit. An unconfirmed commit is in doubt, as after a lost
    /// connection, until a later commit is confirmed.
    /// </summary>
    private CommitOutcome[]? Confirmed(CommitAttempt attempt, CommitOutcome[]? outcomes)
    {
        if (_standby is not { IsUnconfirmed: true })
            return outcomes;
        attempt.MayBeCommitted = true;
        throw new NpgsqlException("Its synchronous standby has not confirmed the commit in time.");
    }

    /// <summary>Returns true if another node has written between the reads and the writes of the attempt.</summary>
    private static bool IsConcurrencyFailure(Exception exception) =>
        exception
            is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected }
        || PostgreSqlErrors.IsMissingTable(exception);

    /// <summary>
    /// Determines the outcome of a commit on a new connection, under the log's lock. The generation increases, so that
    /// a statement still on its way writes nothing.
    /// </summary>
    private async ValueTask<CommitOutcome[]> Resolve(CommitAttempt attempt, Exception failure)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                var left = ResolveTimeout - time.GetElapsedTime(started);
                var isCommitted = await database.WriteWithin(
                    left > ResolveRetryDelay ? left : ResolveRetryDelay,
                    static (connection, ask, cancel) => ask.self.Check(connection, ask.attempt, cancel),
                    (self: this, attempt), CancellationToken.None).ConfigureAwait(false);
                if (isCommitted == true)
                    return attempt.Outcomes!; // Outcomes exist: only a decided batch can be in doubt.
                throw isCommitted is null
                    ? InDoubt("the store contains no trace of it", failure)
                    : new StorageException(
                        $"{database.Description}: the connection broke during a commit, and nothing was written. "
                            + "Try again.",
                        StorageProblem.Unavailable,
                        failure);
            }
            catch (StorageException again) when (IsWorthWaiting(again) && time.GetElapsedTime(started) < ResolveTimeout)
            {
                await Task.Delay(ResolveRetryDelay, time).ConfigureAwait(false);
            }
            catch (StorageException again) when (IsWorthWaiting(again))
            {
                throw InDoubt(again.Message, failure);
            }
        }

        bool IsWorthWaiting(StorageException again) => again.InnerException != failure
            && again.Problem is StorageProblem.Unavailable or StorageProblem.Busy or StorageProblem.InDoubt;
    }

    private StorageException InDoubt(string why, Exception failure)
    {
        Interlocked.Increment(ref _unresolvedCommits);
        return new StorageException(
            $"{database.Description}: the connection broke during a commit, and it cannot be determined whether the "
                + $"commit happened: {why}",
            StorageProblem.InDoubt,
            failure);
    }

    private async ValueTask<bool?> Check(
        NpgsqlConnection connection, CommitAttempt attempt, CancellationToken cancellationToken)
    {
        var isCommitted = await _inDoubtCheck.IsCommitted(connection, attempt, cancellationToken).ConfigureAwait(false);
        if (isCommitted == true && attempt.OptimisticFacts is not null)
            attempt.Outcomes = await ReadOutcomes(connection, attempt, cancellationToken).ConfigureAwait(false);
        if (isCommitted == true && attempt.ConsumerFacts is { } assumed)
            attempt.Outcomes = await consumers
                .ReadOutcomes(connection, attempt, assumed, cancellationToken)
                .ConfigureAwait(false);
        try
        {
            await AdvanceGeneration(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (isCommitted != false && MoveTriggers.IsMoved(refused))
        {
            // The store was moved, with the committed batch. If this node reported a failure, the caller would write
            // the batch again to the moved store.
        }
        return isCommitted;
    }

    /// <summary>Increases the generation, so that statements decided before write nothing.</summary>
    private async ValueTask<int> AdvanceGeneration(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command($"UPDATE {database.Tables.Header} SET turn = turn + 1");
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the outcomes of an optimistic commit from the positions at which its events are.</summary>
    private async ValueTask<CommitOutcome[]> ReadOutcomes(
        NpgsqlConnection connection, CommitAttempt attempt, CancellationToken cancellationToken)
    {
        var outcomes = attempt.Outcomes!; // Outcomes exist: only a decided batch can be in doubt.
        foreach (var (append, placement) in CommitMarkers.AppendsOf(attempt.Batch, outcomes))
        {
            var location = await _inDoubtCheck
                .FindLocation(connection, append.Stream, placement.FirstVersion, cancellationToken)
                .ConfigureAwait(false);
            if (location is { } found) // Events of other appends may have been removed since.
                return attempt.Rebase(found.Position - placement.FirstPosition, found.RecordedAt);
        }
        throw new StorageException("An event that was just read has disappeared.", StorageProblem.Damaged);
    }

    private async ValueTask Rollback()
    {
        try
        {
            if (_connection is { } connection)
            {
                var command = connection.Command("ROLLBACK");
                await using var _ = command.ConfigureAwait(false);
                await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
        {
            await Close().ConfigureAwait(false);
        }
    }

    /// <summary>Discards all connections, and checks for another server before the next commit.</summary>
    private async ValueTask DiscardConnections()
    {
        optimistic.Forget();
        _serverChange.MarkSuspected();
        await Close().ConfigureAwait(false);
        database.ForgetIdle();
    }

    private async ValueTask Close()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        _standby?.Dispose();
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
        {
            // The connection is already broken.
        }
    }
}
