using Millrace.Streams;

namespace Millrace.Sharding;

/// <summary>
/// Finds the shard of a stream. An existing stream stays where it began: in the shard where one of the generations of
/// the map places it. A new stream belongs to the shard where the newest generation places it.
/// </summary>
/// <param name="shards">The stores and the map.</param>
/// <param name="fences">The fences of the shards.</param>
internal sealed class StreamPlacer(IShardStores shards, MapFences fences)
{
    private const int MaxKnownStreams = 100_000;
    private const int MaxReads = 2;

    private readonly Lock _lock = new();
    private readonly LruCache<StreamId, KnownPlace> _known = new(MaxKnownStreams);

    /// <summary>
    /// Returns whether a stream belongs to Millrace. Each shard has its own such streams; those of the home shard are
    /// shown. A commit with other streams writes them in its shard.
    /// </summary>
    public static bool IsOfPlatform(StreamId stream) => stream.Value[0] == '$';

    /// <summary>Finds the shard of a stream.</summary>
    public ValueTask<StreamPlace> Find(StreamId stream, CancellationToken cancellationToken)
    {
        if (IsOfPlatform(stream))
            return new(new StreamPlace(shards.Map.Home, IsKnown: true, 0));
        lock (_lock)
        {
            // A restored shard may not contain the stream any more.
            if (_known.Find(stream) is { } known && known.LogEpoch == EpochOf(shards.StoreOf(known.Shard)))
                return new(new StreamPlace(known.Shard, IsKnown: true, 0));
        }
        var map = shards.Map;
        if (map.Generations.Count == 1)
            return new(new StreamPlace(map.Place(stream.Value), IsKnown: false, map.Version));
        var candidates = map.Candidates(stream.Value);
        return candidates.Count == 1
            ? new(new StreamPlace(candidates[0], IsKnown: false, map.Version))
            : FindAmong(candidates, stream, map.Version, cancellationToken);
    }

    /// <summary>
    /// Finds the shard that contains a stream, also if another node has created it by a newer map. For a new stream,
    /// returns the shard in which it would begin now.
    /// </summary>
    public async ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken)
    {
        var found = await Read(
                stream,
                static async (shard, call, cancel) =>
                {
                    var log = call.shards.StoreOf(shard).Storage.Log;
                    return (Shard: shard, Head: await log.GetStream(call.stream, cancel).ConfigureAwait(false));
                },
                (shards, stream),
                static found => found.Head.Version > 0,
                cancellationToken)
            .ConfigureAwait(false);
        return found.Shard;
    }

    /// <summary>Records that a shard contains a stream, which stays there.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="logEpoch">The epoch of the log in which the stream was found.</param>
    public void RecordKnown(StreamId stream, ShardId shard, long logEpoch)
    {
        if (IsOfPlatform(stream))
            return;
        lock (_lock)
        {
            if (_known.Find(stream) is not { } known || known.LogEpoch != logEpoch)
                _known.Put(stream, new KnownPlace(shard, logEpoch));
        }
    }

    /// <summary>
    /// Returns whether a stream that was not found in its place may be in another place, because a newer map exists.
    /// The caller then loads the newest map and finds the place again.
    /// </summary>
    public async ValueTask<bool> IsOutdated(StreamPlace place, CancellationToken cancellationToken) =>
        !place.IsKnown
        && !await fences
            .IsCurrent(place.Shard, shards.StoreOf(place.Shard), place.MapVersion, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Reads in the shard of a stream. If nothing is found, checks whether the node has the newest map, so that it does
    /// not miss a stream that another node created by a newer map.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="read">Reads in a shard.</param>
    /// <param name="argument">The argument of <paramref name="read"/>.</param>
    /// <param name="exists">Returns whether a result shows that the shard contains the stream.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<TResult> Read<TArgument, TResult>(
        StreamId stream,
        Func<ShardId, TArgument, CancellationToken, ValueTask<TResult>> read,
        TArgument argument,
        Func<TResult, bool> exists,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var place = await Find(stream, cancellationToken).ConfigureAwait(false);
            var epoch = EpochOf(shards.StoreOf(place.Shard));
            var result = await read(place.Shard, argument, cancellationToken).ConfigureAwait(false);
            if (exists(result))
            {
                RecordKnown(stream, place.Shard, epoch);
                return result;
            }
            if (attempt == MaxReads || !await IsOutdated(place, cancellationToken).ConfigureAwait(false))
                return result; // While a change is in progress, no node places by the newer map yet.
            await shards.Reload(cancellationToken).ConfigureAwait(false);
        }
    }

    private static long EpochOf(EventStore store) => store.Tail.Head.Epoch;

    private async ValueTask<StreamPlace> FindAmong(
        IReadOnlyList<ShardId> candidates, StreamId stream, long mapVersion, CancellationToken cancellationToken)
    {
        var stores = candidates.Select(shards.StoreOf).ToList();
        var epochs = stores.ConvertAll(EpochOf);
        var heads = await Task
            .WhenAll(stores.Select(store => store.Storage.Log.GetStream(stream, cancellationToken).AsTask()))
            .ConfigureAwait(false);
        for (var i = 0; i < heads.Length; i++)
        {
            if (heads[i].Version == 0)
                continue;
            RecordKnown(stream, candidates[i], epochs[i]);
            return new StreamPlace(candidates[i], IsKnown: true, 0);
        }
        return new StreamPlace(candidates[0], IsKnown: false, mapVersion);
    }

    /// <summary>A shard that contains a stream.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="LogEpoch">The epoch of its log when this was found.</param>
    private sealed record KnownPlace(ShardId Shard, long LogEpoch);
}
