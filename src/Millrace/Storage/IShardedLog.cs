namespace Millrace.Storage;

/// <summary>
/// A log whose streams are in the logs of several shards. It reads and writes streams, but has no positions.
/// </summary>
internal interface IShardedLog
{
    /// <summary>Returns a token for the ends of all logs.</summary>
    ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken);

    /// <summary>Returns the epoch of the log that would commit a request.</summary>
    /// <param name="streams">The streams of the request.</param>
    /// <param name="placedBy">See <see cref="CommitRequest.PlacedBy"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<long> GetEpoch(
        IReadOnlyCollection<StreamId> streams, StreamId? placedBy, CancellationToken cancellationToken);
}
