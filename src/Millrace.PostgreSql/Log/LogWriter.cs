using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The one connection of this node that commits. A commit that fails halfway is settled before the next one
/// begins.</summary>
internal sealed class LogWriter(
    Database database,
    GeneralCommit general,
    OptimisticCommit fast,
    ConsumerCommit beside,
    Collections collections,
    TimeProvider time) : IAsyncDisposable
{
    private const int Attempts = 3;

    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(20);
    // As long as is looked for what became of a commit.
    private static readonly TimeSpan InDoubtTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettleRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly InDoubtCheck _inDoubtCheck = new(database.Tables);
    private readonly ServerChangeDetector _serverChange = new(database);
    private NpgsqlConnection? _connection;
    private StandbyConfirmationMonitor? _standby; // Of that connection.
    private long _unresolvedCommits; // Commits of which it could not be found out what became of them.
    private long _settled; // Of these, those that have ended by now.

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
                // What was thought to be new and is not makes the first attempt fail: the next one takes nothing for
                // granted.
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

    /// <summary>Notes the server that the store is on, before anything is written.</summary>
    public ValueTask CheckServer(CancellationToken cancellationToken) => _serverChange.Check(cancellationToken);

    /// <summary>
    /// Nothing is told about single events while it is open whether a commit happened: the server may still be carrying
    /// it out. It is not when this returns, and will not.
    /// </summary>
    /// <exception cref="StorageException">That cannot be said yet.</exception>
    public async ValueTask SettleDoubts(CancellationToken cancellationToken)
    {
        var doubts = Volatile.Read(ref _unresolvedCommits);
        if (doubts == Volatile.Read(ref _settled))
            return;
        await database
            .WriteWithin(
                InDoubtTimeout,
                static (connection, self, cancel) => self.AdvanceGeneration(connection, cancel),
                this,
                cancellationToken)
            .ConfigureAwait(false);
        Volatile.Write(ref _settled, doubts); // One that began meanwhile counts anew.
    }

    /// <summary>Commits; null when nothing was written and it is worth trying again.</summary>
    private async ValueTask<CommitOutcome[]?> Try(
        CommitAttempt attempt, long started, bool isLast, CancellationToken cancellationToken)
    {
        await _serverChange.Check(cancellationToken).ConfigureAwait(false); // First: it takes a connection as well.
        var connection = _connection ??= TrackStandby(
            await database.ConnectToCommit(cancellationToken).ConfigureAwait(false));
        try
        {
            if (await beside.Try(connection, attempt).ConfigureAwait(false) is { } done)
                return Confirmed(attempt, done);
            if (await fast.Try(connection, attempt).ConfigureAwait(false) is { } outcomes)
            {
                fast.Note(attempt, facts: null);
                return Confirmed(attempt, outcomes);
            }
            var facts = await general.Run(connection, attempt).ConfigureAwait(false);
            fast.Note(attempt, facts);
            return Confirmed(attempt, attempt.Outcomes);
        }
        catch (Exception exception) when (PostgreSqlErrors.ShouldReconnect(exception))
        {
            await Leave().ConfigureAwait(false);
            if (!attempt.WritesNothing && !PostgreSqlErrors.IsStandby(exception)) // A standby has refused it.
                return await Settle(attempt, exception).ConfigureAwait(false);
            return isLast || exception is TimeoutException or NpgsqlException { InnerException: TimeoutException }
                ? throw PostgreSqlErrors.ToStorage(exception, database.Description)
                : null;
        }
        catch (Exception exception)
        {
            fast.Forget();
            await Rollback().ConfigureAwait(false);
            attempt.HasTimedOutOnLock =
                PostgreSqlErrors.IsLockWait(exception) && time.GetElapsedTime(started) < database.Options.LockTimeout;
            if (attempt.HasTimedOutOnLock)
                return null;
            if (!isLast && IsConcurrencyFailure(exception))
            {
                fast.Missed();
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

    /// <summary>What is not on its standby is in doubt, as if the connection had broken, until a later commit
    /// is.</summary>
    private CommitOutcome[]? Confirmed(CommitAttempt attempt, CommitOutcome[]? outcomes)
    {
        if (_standby is not { HasGivenUp: true })
            return outcomes;
        attempt.MayBeCommitted = true;
        throw new NpgsqlException("Its synchronous standby has not confirmed the commit in time.");
    }

    /// <summary>Whether another node has done something between what was seen and what was written.</summary>
    private static bool IsConcurrencyFailure(Exception exception) =>
        exception
            is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected }
        || PostgreSqlErrors.IsMissingTable(exception);

    /// <summary>
    /// Finds out on a new connection, under the log's lock, what became of a commit. The turn moves on, so that a
    /// statement that is still on its way writes nothing any more.
    /// </summary>
    private async ValueTask<CommitOutcome[]> Settle(CommitAttempt attempt, Exception failure)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                var left = SettleTimeout - time.GetElapsedTime(started);
                var stands = await database.WriteWithin(
                    left > SettleRetryDelay ? left : SettleRetryDelay,
                    static (connection, ask, cancel) => ask.self.Check(connection, ask.attempt, cancel),
                    (self: this, attempt), CancellationToken.None).ConfigureAwait(false);
                if (stands == true)
                    return attempt.Outcomes!; // What may be committed was decided.
                throw stands is null
                    ? InDoubt("it left no trace by which it could be told", failure)
                    : new StorageException(
                        $"{database.Description}: the connection broke in a commit, and nothing was written. Try "
                            + $"again.",
                        StorageProblem.Unavailable,
                        failure);
            }
            catch (StorageException again) when (IsWorthWaiting(again) && time.GetElapsedTime(started) < SettleTimeout)
            {
                await Task.Delay(SettleRetryDelay, time).ConfigureAwait(false);
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
            $"{database.Description}: the connection broke in a commit, and it cannot be found out whether it "
                + $"happened: {why}",
            StorageProblem.InDoubt,
            failure);
    }

    private async ValueTask<bool?> Check(
        NpgsqlConnection connection, CommitAttempt attempt, CancellationToken cancellationToken)
    {
        var stands = await _inDoubtCheck.Stands(connection, attempt, cancellationToken).ConfigureAwait(false);
        if (stands == true && attempt.OptimisticFacts is not null)
            attempt.Outcomes = await Found(connection, attempt, cancellationToken).ConfigureAwait(false);
        if (stands == true && attempt.ConsumerFacts is { } assumed)
            attempt.Outcomes = await beside
                .Found(connection, attempt, assumed, cancellationToken)
                .ConfigureAwait(false);
        try
        {
            await AdvanceGeneration(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (stands != false && MoveTriggers.IsMoved(refused))
        {
            // The store is elsewhere, and so is what stands here: to say so would have it written there a second time.
        }
        return stands;
    }

    /// <summary>A statement that was decided before and comes later writes nothing.</summary>
    private async ValueTask<int> AdvanceGeneration(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command($"UPDATE {database.Tables.Header} SET turn = turn + 1");
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The outcomes of a commit whose place was assumed, from where it stands.</summary>
    private async ValueTask<CommitOutcome[]> Found(
        NpgsqlConnection connection, CommitAttempt attempt, CancellationToken cancellationToken)
    {
        var outcomes = attempt.Outcomes!; // What may be committed was decided.
        foreach (var (append, placement) in CommitMarkers.AppendsOf(attempt.Batch, outcomes))
        {
            var place = await _inDoubtCheck
                .FindLocation(connection, append.Stream, placement.FirstVersion, cancellationToken)
                .ConfigureAwait(false);
            if (place is { } found) // Others may have been removed since.
                return attempt.Rebase(found.Position - placement.FirstPosition, found.RecordedAt);
        }
        throw new StorageException("An event that was just there is gone.", StorageProblem.Damaged);
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

    /// <summary>Uses no connection any more that is there now, and expects to find another server.</summary>
    private async ValueTask Leave()
    {
        fast.Forget();
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
            // It is broken: that is why it is closed.
        }
    }
}
