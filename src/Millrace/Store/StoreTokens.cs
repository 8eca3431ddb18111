using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Creates the consistency tokens of a store.</summary>
/// <param name="log">The log.</param>
/// <param name="tail">The tail of the log.</param>
internal sealed class StoreTokens(ILogStorage log, LogTail tail)
{
    private readonly IShardedLog? _shards = log as IShardedLog;

    /// <summary>Gets whether the streams of the store are in several shards.</summary>
    public bool IsSharded => _shards is not null;

    /// <summary>Returns a token for the end of the log, or for the ends of the logs of all shards.</summary>
    public async ValueTask<ConsistencyToken> Current(CancellationToken cancellationToken)
    {
        if (_shards is not null)
            return await _shards.GetToken(cancellationToken).ConfigureAwait(false);
        var head = await log.GetHead(cancellationToken).ConfigureAwait(false);
        tail.SetHead(head);
        return new ConsistencyToken(head.Epoch, head.Position);
    }

    /// <summary>Returns a token for the position that a commit has reached.</summary>
    public ConsistencyToken Of(CommitOutcome outcome) => outcome.Shard is { } shard
        ? ConsistencyToken.InShard(shard, outcome.LogEpoch, outcome.Position)
        : new ConsistencyToken(tail.Head.Epoch, outcome.Position);

    /// <summary>Returns a token for the position at which a command was handled.</summary>
    /// <param name="answer">The stored answer of the command.</param>
    /// <param name="logEpoch">The epoch of the log when the command was handled.</param>
    public static ConsistencyToken Of(HandledAnswer answer, long logEpoch) => answer.Shard is { } shard
        ? ConsistencyToken.InShard(shard, logEpoch, answer.Position)
        : new ConsistencyToken(logEpoch, answer.Position);

    /// <summary>Returns the epoch of the log that would commit a request.</summary>
    public ValueTask<long> GetEpoch(AppendRequest request, CancellationToken cancellationToken) => _shards is null
        ? new(tail.Head.Epoch)
        : _shards.GetEpoch(
            [.. request.Streams.Select(static one => one.Stream)], request.PlacedBy, cancellationToken);
}
