using System.Runtime.CompilerServices;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Commits on the single commit connection of this node. A commit that fails halfway is resolved before the next one
/// starts.
/// </summary>
internal sealed class LogWriter(
    Database database,
    GeneralCommit general,
    OptimisticCommit optimistic,
    ConsumerCommit consumers,
    InDoubtCommits inDoubt,
    Collections collections,
    TimeProvider time) : IAsyncDisposable
{
    private const int Attempts = 3;

    private readonly ICommitStrategy[] _strategies = [consumers, optimistic, general];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ServerChangeDetector _serverChange = new(database);
    private NpgsqlConnection? _connection;
    private StandbyConfirmationMonitor? _standby; // Belongs to _connection.

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
                var attempt = new CommitAttempt(batch, now, IsFirst: number == 1);
                var step = await Try(attempt, cancellationToken).ConfigureAwait(false);
                switch (step.Status)
                {
                    case CommitStepStatus.Committed:
                        return step.Outcomes;
                    case CommitStepStatus.InDoubt:
                        return await inDoubt.Resolve(attempt, step).ConfigureAwait(false);
                    case CommitStepStatus.LockTimedOut when time.GetElapsedTime(started) < database.Options.LockTimeout:
                        await database.AfterLockWait(cancellationToken).ConfigureAwait(false);
                        break; // Not counted as an attempt: only the time is limited.
                    case CommitStepStatus.FactsChanged when number < Attempts:
                        optimistic.RecordMiss();
                        collections.Forget();
                        number++;
                        break;
                    case CommitStepStatus.ConnectionLost
                        when number < Attempts && !PostgreSqlErrors.IsTimeout(step.Failure):
                        number++;
                        break;
                    default:
                        throw PostgreSqlErrors.ToStorage(step.Failure!, database.Description); // Set for each of these.
                }
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
    /// Tries the strategies in order until one does not decline the batch; the last one never declines. Then restores
    /// the connection, and updates what this node assumes about the log.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CommitStepResult> Try(CommitAttempt attempt, CancellationToken cancellationToken)
    {
        // Checks before it takes the commit connection, because the check also needs a connection.
        await _serverChange.Check(cancellationToken).ConfigureAwait(false);
        var connection = _connection ??= TrackStandby(
            await database.ConnectToCommit(cancellationToken).ConfigureAwait(false));
        var step = CommitStepResult.Declined;
        try
        {
            for (var i = 0; step.Status == CommitStepStatus.Declined; i++)
                step = await _strategies[i].TryCommit(connection, attempt).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgreSqlErrors.IsKnown(failure))
        {
            step = CommitStepResult.Failed(Classify(failure), failure);
        }
        catch
        {
            await Rollback().ConfigureAwait(false);
            throw;
        }
        if (step.Status == CommitStepStatus.Committed && _standby is { IsUnconfirmed: true })
            step = Unconfirmed(step);
        if (step.Status is CommitStepStatus.InDoubt or CommitStepStatus.ConnectionLost)
            await DiscardConnections().ConfigureAwait(false);
        else if (step.Status != CommitStepStatus.Committed)
            await Rollback().ConfigureAwait(false);
        else if (step.Facts is { } facts)
            optimistic.RecordCommit(attempt.Batch, step.Outcomes, facts);
        return step;
    }

    /// <summary>Returns the status of a batch whose commit was not sent, or was refused by the database.</summary>
    private static CommitStepStatus Classify(Exception failure)
    {
        if (PostgreSqlErrors.ShouldReconnect(failure))
            return CommitStepStatus.ConnectionLost;
        if (PostgreSqlErrors.IsLockWait(failure))
            return CommitStepStatus.LockTimedOut;
        return PostgreSqlErrors.IsConcurrencyFailure(failure)
            ? CommitStepStatus.FactsChanged
            : CommitStepStatus.Failed;
    }

    /// <summary>
    /// Returns the result of a commit that its standby has not confirmed. The commit is in doubt, as after a lost
    /// connection, until a later commit is confirmed.
    /// </summary>
    private static CommitStepResult Unconfirmed(CommitStepResult step) => CommitStepResult.Lost(
        new NpgsqlException("Its synchronous standby has not confirmed the commit in time."),
        step.Outcomes,
        step.Facts,
        assumedBy: null);

    private NpgsqlConnection TrackStandby(NpgsqlConnection connection)
    {
        _standby = new StandbyConfirmationMonitor(connection);
        return connection;
    }

    /// <summary>Rolls back, and forgets what this node assumes about the log.</summary>
    private async ValueTask Rollback()
    {
        optimistic.Forget();
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
