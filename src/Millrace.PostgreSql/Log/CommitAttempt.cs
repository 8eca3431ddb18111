using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>One attempt to commit a batch, and its progress.</summary>
internal sealed class CommitAttempt(IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
{
    public IReadOnlyList<CommitRequest> Batch { get; } = batch;

    /// <summary>The time of the writer's clock.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>
    /// Gets whether this attempt may rely on assumed or cached facts. If a fact is wrong, the whole attempt fails; the
    /// next attempt reads all facts.
    /// </summary>
    public bool IsFirst { get; init; }

    /// <summary>The outcomes if the attempt succeeds; null until they are decided.</summary>
    public CommitOutcome[]? Outcomes { get; set; }

    /// <summary>Gets or sets whether the database may have received the commit.</summary>
    public bool MayBeCommitted { get; set; }

    /// <summary>
    /// Gets whether the database certainly contains nothing of the batch: no commit was sent, or the batch has only
    /// refusals.
    /// </summary>
    public bool WritesNothing =>
        !MayBeCommitted
        || (Outcomes is { } outcomes && !Array.Exists(outcomes, static one => one.Result == CommitResult.Committed));

    /// <summary>Gets or sets whether the attempt failed only because another transaction held a lock.</summary>
    public bool HasTimedOutOnLock { get; set; }

    /// <summary>The transaction that may be committed; null if unknown.</summary>
    public long? Transaction { get; set; }

    /// <summary>The assumed facts of an optimistic commit, such as an empty log; null if none were assumed.</summary>
    public OptimisticFacts? OptimisticFacts { get; set; }

    /// <summary>The assumed facts of a consumer commit; null if none were assumed.</summary>
    public BatchFacts? ConsumerFacts { get; set; }

    /// <summary>Returns the outcomes of a batch that was decided with an assumed end of the log.</summary>
    /// <param name="lastPosition">The actual end of the log.</param>
    /// <param name="moment">The actual time.</param>
    public CommitOutcome[] Rebase(long lastPosition, DateTimeOffset moment) =>
        CommitDecision.Rebase(Outcomes!, lastPosition, moment); // Called only after a decision.
}
