using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Adds writes to the commits of a consumer, computed from the documents that a commit changes. All commits under the
/// consumer's lease pass the follower. A failure of the follower never keeps the consumer from its events.
/// </summary>
/// <remarks>Only the run of the consumer calls a follower, and never from two threads at the same time.</remarks>
internal interface IDocumentFollower
{
    /// <summary>Gets the time at which <see cref="Work"/> has something to do; null if there is nothing.</summary>
    DateTimeOffset? NextDue { get; }

    /// <summary>Starts under a lease, before the first commit.</summary>
    /// <param name="leaseEpoch">The lease epoch.</param>
    /// <param name="checkpoint">The stored checkpoint; null if there is none.</param>
    /// <param name="cancellationToken">Canceled when the lease is lost.</param>
    /// <exception cref="StorageException">The stored state cannot be read.</exception>
    ValueTask Start(long leaseEpoch, long? checkpoint, CancellationToken cancellationToken);

    /// <summary>Returns the writes for a commit. Uncommitted earlier writes are dropped.</summary>
    /// <param name="documents">The documents that the commit changes.</param>
    /// <param name="position">The checkpoint after the commit.</param>
    /// <param name="cancellationToken">Canceled when the lease is lost.</param>
    ValueTask<IReadOnlyList<DocumentChange>> Follow(
        IReadOnlyList<DocumentChange> documents, long position, CancellationToken cancellationToken);

    /// <summary>Does a part of the work that does not depend on events, and returns its writes.</summary>
    /// <param name="position">The stored checkpoint.</param>
    /// <param name="cancellationToken">Canceled when the lease is lost.</param>
    ValueTask<IReadOnlyList<DocumentChange>> Work(long position, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the writes with which a failed commit is repeated; null if the follower's writes cannot be the cause, or
    /// after the last attempt. The number of attempts is limited.
    /// </summary>
    IReadOnlyList<DocumentChange>? Repeat(Exception exception);

    /// <summary>Called when the last writes are committed.</summary>
    /// <param name="documentVersion">The version of the written documents; 0 if it is unknown.</param>
    void Committed(long documentVersion);

    /// <summary>Called when the run ends.</summary>
    void End();
}
