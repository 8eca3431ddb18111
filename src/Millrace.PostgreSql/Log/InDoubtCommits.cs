using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Moves;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>Determines the outcome of commits whose connection was lost while the server executed them.</summary>
internal sealed class InDoubtCommits(Database database, TimeProvider time)
{
    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(20);
    // The same limit as for resolving the outcome of a commit.
    private static readonly TimeSpan InDoubtTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ResolveRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly InDoubtCheck _check = new(database.Tables);
    private long _unresolvedCommits; // The number of commits whose outcome could not be determined.
    private long _resolvedCommits; // The number of unresolved commits that can no longer take effect.

    /// <summary>
    /// Makes lookups of single events wait until no commit is in doubt, because the server may still be executing one.
    /// When this method returns, no earlier commit in doubt can still take effect.
    /// </summary>
    /// <exception cref="StorageException">A commit may still be running.</exception>
    public async ValueTask AwaitResolved(CancellationToken cancellationToken)
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

    /// <summary>
    /// Determines the outcome of a commit on a new connection, under the log's lock. The generation increases, so that
    /// a statement still on its way writes nothing.
    /// </summary>
    /// <exception cref="StorageException">Nothing was written, or the outcome cannot be determined.</exception>
    public async ValueTask<CommitOutcome[]> Resolve(CommitAttempt attempt, CommitStepResult step)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                var remaining = ResolveTimeout - time.GetElapsedTime(started);
                var (isCommitted, outcomes) = await database.WriteWithin(
                    remaining > ResolveRetryDelay ? remaining : ResolveRetryDelay,
                    static (connection, args, cancel) => args.self.Check(connection, args.attempt, args.step, cancel),
                    (self: this, attempt, step), CancellationToken.None).ConfigureAwait(false);
                if (isCommitted == true)
                    return outcomes;
                throw isCommitted is null
                    ? InDoubt("the store contains no trace of it", step)
                    : new StorageException(
                        $"{database.Description}: the connection broke during a commit, and nothing was written. "
                            + "Try again.",
                        StorageProblem.Unavailable,
                        step.Failure);
            }
            catch (StorageException failure) when (
                IsWorthWaiting(failure) && time.GetElapsedTime(started) < ResolveTimeout)
            {
                await Task.Delay(ResolveRetryDelay, time).ConfigureAwait(false);
            }
            catch (StorageException failure) when (IsWorthWaiting(failure))
            {
                throw InDoubt(failure.Message, step);
            }
        }

        bool IsWorthWaiting(StorageException failure) => failure.InnerException != step.Failure
            && failure.Problem is StorageProblem.Unavailable or StorageProblem.Busy or StorageProblem.InDoubt;
    }

    private StorageException InDoubt(string reason, CommitStepResult step)
    {
        Interlocked.Increment(ref _unresolvedCommits);
        return new StorageException(
            $"{database.Description}: the connection broke during a commit, and it cannot be determined whether the "
                + $"commit happened: {reason}",
            StorageProblem.InDoubt,
            step.Failure);
    }

    private async ValueTask<(bool? IsCommitted, CommitOutcome[] Outcomes)> Check(
        NpgsqlConnection connection, CommitAttempt attempt, CommitStepResult step, CancellationToken cancellationToken)
    {
        var isCommitted = await _check
            .IsCommitted(connection, attempt.Batch, step, cancellationToken)
            .ConfigureAwait(false);
        var outcomes = isCommitted == true && step.AssumedBy is { } strategy
            ? await strategy.ReadOutcomes(connection, attempt, step, cancellationToken).ConfigureAwait(false)
            : step.Outcomes;
        try
        {
            await AdvanceGeneration(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (isCommitted != false && MoveTriggers.IsMoved(refused))
        {
            // The store was moved, with the committed batch. If this node reported a failure, the caller would write
            // the batch again to the moved store.
        }
        return (isCommitted, outcomes);
    }

    /// <summary>Increases the generation, so that statements decided before write nothing.</summary>
    private async ValueTask<int> AdvanceGeneration(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command($"UPDATE {database.Tables.Header} SET turn = turn + 1");
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
