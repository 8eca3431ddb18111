namespace Millrace.Events;

/// <summary>The stored names of the events of processes.</summary>
internal static class ProcessEvents
{
    public const string Started = "processes.started";
    public const string StepBegun = "processes.step-begun";
    public const string StepDone = "processes.step-done";
    public const string AttemptFailed = "processes.attempt-failed";
    public const string StepFailed = "processes.step-failed";
    public const string Awaiting = "processes.awaiting";
    public const string Received = "processes.received";
    public const string ReceivedEarly = "processes.received-early";
    public const string Ignored = "processes.ignored";
    public const string Kept = "processes.kept";
    public const string Expired = "processes.expired";
    public const string TimedOut = "processes.timed-out";
    public const string Decided = "processes.decided";
    public const string PassedNoReturn = "processes.passed-no-return";
    public const string Compensating = "processes.compensating";
    public const string CompensationBegun = "processes.compensation-begun";
    public const string CompensationDone = "processes.compensation-done";
    public const string CompensationAttemptFailed = "processes.compensation-attempt-failed";
    public const string CompensationFailed = "processes.compensation-failed";
    public const string Completed = "processes.completed";
    public const string Compensated = "processes.compensated";
    public const string Held = "processes.held";
    public const string Migrated = "processes.migrated";
    public const string Resumed = "processes.resumed";
    public const string Moved = "processes.moved";
    public const string CancelRequested = "processes.cancel-asked";

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is Started
                or StepBegun
                or StepDone
                or AttemptFailed
                or StepFailed
                or Awaiting
                or Received
                or ReceivedEarly
                or Ignored
                or TimedOut
                or Decided
                or PassedNoReturn
                or Compensating
                or CompensationBegun
                or CompensationDone
                or CompensationAttemptFailed
                or CompensationFailed
                or Completed
                or Compensated
                or Held
                or Migrated
                or Resumed
                or Moved
                or CancelRequested
                or Kept
                or Expired;

    /// <summary>Gets the events of operators, to which the processor of the process must react.</summary>
    public static IReadOnlyList<string> OfOperators { get; } = [Resumed, Moved, CancelRequested];

    /// <summary>
    /// Gets the events by which the processor of the process finds an instance that another shard has changed.
    /// </summary>
    public static IReadOnlyList<string> OfOtherShards { get; } =
        [.. OfOperators, Started, Received, ReceivedEarly, Kept, Ignored];
}
