using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>A way to commit a batch. <see cref="LogWriter"/> chooses among them.</summary>
internal interface ICommitStrategy
{
    /// <summary>Commits the batch or declines it. Throws if the batch failed and nothing was written.</summary>
    ValueTask<CommitStepResult> TryCommit(NpgsqlConnection connection, CommitAttempt attempt);

    /// <summary>
    /// Returns the actual outcomes of a batch that this strategy decided with assumed facts instead of read ones, and
    /// that is known to be committed. Called under the log's lock.
    /// </summary>
    ValueTask<CommitOutcome[]> ReadOutcomes(
        NpgsqlConnection connection, CommitAttempt attempt, CommitStepResult step, CancellationToken cancellationToken);
}
