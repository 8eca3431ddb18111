using Millrace.Storage;

namespace Millrace;

/// <summary>A storage whose requests another store's queue commits, together with that store's: it has no queue of its
/// own.</summary>
internal interface ISharedCommitQueue
{
    /// <summary>Commits a request; a refusal is an outcome, not an exception.</summary>
    Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken);
}
