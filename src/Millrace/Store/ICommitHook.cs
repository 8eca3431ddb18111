using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Adds changes to commit requests, such as the documents of inline projections.</summary>
internal interface ICommitHook
{
    /// <summary>
    /// Returns whether the hook adds changes to a request. If not, the store commits the request without the hook.
    /// </summary>
    bool Concerns(CommitRequest request);

    /// <summary>
    /// Adds changes to a request and commits the request. Repeats both steps if the added changes were based on old
    /// data.
    /// </summary>
    Task<CommitOutcome> Commit(
        CommitRequest request,
        Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit,
        CancellationToken cancellationToken);
}
