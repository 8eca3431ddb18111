using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The answer to one of several requests that were queued together. It contains either an outcome or a failure.
/// </summary>
internal readonly record struct CommitResponse(CommitOutcome? Outcome, Exception? Failure)
{
    /// <summary>
    /// Gets the reason why the request is not committed; null if the request is committed now or was committed before.
    /// </summary>
    public Exception? Problem => Failure ?? Outcome?.Refusal;
}
