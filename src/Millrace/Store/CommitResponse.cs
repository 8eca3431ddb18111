using Millrace.Storage;

namespace Millrace;

/// <summary>What became of one of several requests that were handed over together: its outcome, or what went wrong with
/// it.</summary>
internal readonly record struct CommitResponse(CommitOutcome? Outcome, Exception? Failure)
{
    /// <summary>Why it is not committed; null when it is, or was before.</summary>
    public Exception? Problem => Failure ?? Outcome?.Refusal;
}
