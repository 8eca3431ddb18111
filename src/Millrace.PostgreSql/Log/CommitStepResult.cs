using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>What one step of a commit has done with the batch.</summary>
internal readonly record struct CommitStepResult
{
    private readonly CommitOutcome[]? _outcomes;

    private CommitStepResult(CommitStepStatus status, CommitOutcome[]? outcomes = null)
    {
        Status = status;
        _outcomes = outcomes;
    }

    /// <summary>The result of a strategy that has written nothing, and leaves the batch to the next one.</summary>
    public static CommitStepResult Declined => default;

    public CommitStepStatus Status { get; }

    /// <summary>The decided outcomes; empty unless the batch is committed or in doubt.</summary>
    public CommitOutcome[] Outcomes => _outcomes ?? [];

    /// <summary>The facts that decided the batch; null if a successful commit has read none.</summary>
    public BatchFacts? Facts { get; private init; }

    /// <summary>
    /// The strategy that assumed facts for the decision, such as an empty log, and can read the actual outcomes; null
    /// if the outcomes are final.
    /// </summary>
    public ICommitStrategy? AssumedBy { get; private init; }

    /// <summary>The reason why the batch is not known to be committed; null otherwise.</summary>
    public Exception? Failure { get; private init; }

    public static CommitStepResult Committed(CommitOutcome[] outcomes, BatchFacts? facts = null) =>
        new(CommitStepStatus.Committed, outcomes) { Facts = facts };

    /// <summary>Returns the result of a commit that failed without writing anything.</summary>
    public static CommitStepResult Failed(CommitStepStatus status, Exception failure) =>
        new(status) { Failure = failure };

    /// <summary>
    /// Returns the result of a commit whose connection was lost after it was sent. A batch that has only refusals is
    /// not in doubt, because it writes nothing.
    /// </summary>
    public static CommitStepResult Lost(
        Exception failure, CommitOutcome[] outcomes, BatchFacts? facts, ICommitStrategy? assumedBy) =>
        Array.Exists(outcomes, static outcome => outcome.Result == CommitResult.Committed)
            ? new(CommitStepStatus.InDoubt, outcomes) { Facts = facts, AssumedBy = assumedBy, Failure = failure }
            : Failed(CommitStepStatus.ConnectionLost, failure);
}

/// <summary>The state of a batch after a step of its commit, which determines the next step.</summary>
internal enum CommitStepStatus
{
    /// <summary>Nothing was written. The next strategy commits the batch, on the same connection.</summary>
    Declined,

    /// <summary>The batch is committed.</summary>
    Committed,

    /// <summary>The connection was lost after the commit was sent. The outcome must be determined on another.</summary>
    InDoubt,

    /// <summary>The connection was lost, and nothing was written.</summary>
    ConnectionLost,

    /// <summary>Another transaction held a lock, and nothing was written.</summary>
    LockTimedOut,

    /// <summary>Another node has written between the reads and the writes, and nothing was written.</summary>
    FactsChanged,

    /// <summary>The database refused the batch, and nothing was written.</summary>
    Failed,
}
