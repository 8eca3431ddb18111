using Millrace.Storage;

namespace Millrace;

/// <summary>The answer to one of several requests that were queued together: its outcome, or its failure.</summary>
internal readonly record struct CommitResponse(CommitOutcome? Outcome, Exception? Failure)
{
    /// <summary>Gets why the request is not committed; null if it is, or was committed before.</summary>
    public Exception? Problem => Failure ?? Outcome?.Refusal;
}
