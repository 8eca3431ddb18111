using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A storage without its own queue: the queue of another store commits its requests together with those of that store.
/// </summary>
internal interface ISharedCommitQueue
{
    /// <summary>Commits a request; a refusal is an outcome, not an exception.</summary>
    Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken);
}
