using Millrace.Storage;

namespace Millrace.Store;

/// <summary>A storage without its own queue. The queue of another store commits the requests of both stores.</summary>
internal interface ISharedCommitQueue
{
    /// <summary>
    /// Commits a request and returns the outcome. If the store refuses the request, the outcome contains the reason.
    /// </summary>
    Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken);
}
