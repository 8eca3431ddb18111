using Millrace.Storage;

namespace Millrace;

/// <summary>Adds to commits, such as the documents of inline projections.</summary>
internal interface ICommitHook
{
    /// <summary>Returns whether the hook adds to a request; otherwise the request is committed without it.</summary>
    bool Concerns(CommitRequest request);

    /// <summary>Adds to a request and commits it. Repeats both if the added data was out of date.</summary>
    Task<CommitOutcome> Commit(
        CommitRequest request,
        Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit,
        CancellationToken cancellationToken);
}
