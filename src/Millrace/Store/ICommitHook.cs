using Millrace.Storage;

namespace Millrace;

/// <summary>Adds to what is committed, such as the documents of inline projections.</summary>
internal interface ICommitHook
{
    /// <summary>Whether it has anything to add to a request; otherwise the request goes its way without it.</summary>
    bool Concerns(CommitRequest request);

    /// <summary>Adds to a request and commits it, again where what it added was out of date.</summary>
    Task<CommitOutcome> Commit(
        CommitRequest request,
        Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit,
        CancellationToken cancellationToken);
}
