using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>One try to commit a batch, and how far it came.</summary>
internal sealed class CommitAttempt(IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
{
    public IReadOnlyList<CommitRequest> Batch { get; } = batch;

    /// <summary>The writer's clock.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>Whether what is said or known here may be taken for granted, so that all fails where it is not so: not
    /// a second time.
    /// </summary>
    public bool IsFirst { get; init; }

    /// <summary>What is written if it succeeds; null until that is known.</summary>
    public CommitOutcome[]? Outcomes { get; set; }

    /// <summary>Whether the database may have been told to commit.</summary>
    public bool MayBeCommitted { get; set; }

    /// <summary>Whether it is known that nothing of it is in the database, as it was not told to commit, or nothing but
    /// refusals.</summary>
    public bool WritesNothing =>
        !MayBeCommitted
        || (Outcomes is { } outcomes && !Array.Exists(outcomes, static one => one.Result == CommitResult.Committed));

    /// <summary>Whether nothing came of it but that somebody else held what it needs.</summary>
    public bool HasTimedOutOnLock { get; set; }

    /// <summary>The transaction that may be committed; null where it is not known.</summary>
    public long? Transaction { get; set; }

    /// <summary>What was assumed, as that the log is empty; null when nothing was.</summary>
    public OptimisticFacts? OptimisticFacts { get; set; }

    /// <summary>What was assumed of the work of consumers; null when nothing was.</summary>
    public BatchFacts? ConsumerFacts { get; set; }

    /// <summary>The outcomes of what was decided on an assumed end of the log.</summary>
    /// <param name="lastPosition">The end that was found.</param>
    /// <param name="moment">The time that was found.</param>
    public CommitOutcome[] Rebase(long lastPosition, DateTimeOffset moment) =>
        CommitDecision.Rebase(Outcomes!, lastPosition, moment); // Asked for only where something was decided.
}
