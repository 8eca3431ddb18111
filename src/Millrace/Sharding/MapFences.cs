using System.Buffers.Binary;
using System.Collections.Concurrent;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>
/// The fences in the logs of the shards. A fence is an event with the version of the map. Before any node places
/// streams by a new map, the fences of all shards are raised. The commit of a new stream is refused if a fence was
/// raised since the node read it. So a node with an older map cannot create a stream that another node, with the newer
/// map, creates in another shard.
/// </summary>
internal sealed class MapFences
{
    private const int MaxAttempts = 10;

    private readonly ConcurrentDictionary<ShardId, MapFence> _known = new();

    /// <summary>Gets the stream of the fence in each shard.</summary>
    public static StreamId Stream { get; } = new("$shards");

    /// <summary>Raises the fence of a shard to the version of a map, unless it has this or a later version.</summary>
    public static async ValueTask Raise(EventStore store, long mapVersion, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var fence = await Read(store, cancellationToken).ConfigureAwait(false);
            if (fence.MapVersion >= mapVersion)
                return;
            var outcome = await Append(store, fence, mapVersion, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is { } refusal && (refusal is not VersionConflictException || attempt == MaxAttempts))
                throw refusal;
        }
    }

    /// <summary>
    /// Returns the guard of a commit that may create a stream. Returns null if the fence was raised beyond the map of
    /// this node, which then must load the newest map.
    /// </summary>
    public async ValueTask<StreamGuard?> FindGuard(
        ShardId shard, EventStore store, long mapVersion, CancellationToken cancellationToken)
    {
        // After a restore, the version that was read before has no meaning.
        var fence = _known.TryGetValue(shard, out var known) && known.LogEpoch == store.Tail.Head.Epoch
            ? known
            : await Refresh(shard, store, cancellationToken).ConfigureAwait(false);
        if (fence.MapVersion > mapVersion)
            fence = await Refresh(shard, store, cancellationToken).ConfigureAwait(false);
        return fence.MapVersion > mapVersion ? null : new StreamGuard(Stream, fence.StreamVersion);
    }

    /// <summary>Returns whether a refusal has the cause that a fence was raised.</summary>
    public static bool IsRaised(MillraceException refusal) =>
        refusal is VersionConflictException conflict && conflict.Stream == Stream;

    /// <summary>
    /// Returns whether the fence of a shard is at most at the map of this node. If so, no node places streams that this
    /// shard does not contain by a newer map.
    /// </summary>
    public async ValueTask<bool> IsCurrent(
        ShardId shard, EventStore store, long mapVersion, CancellationToken cancellationToken)
    {
        var head = await store.Storage.Log.GetStream(Stream, cancellationToken).ConfigureAwait(false);
        var fence = _known.TryGetValue(shard, out var known)
            && known.StreamVersion == head.Version
            && known.LogEpoch == store.Tail.Head.Epoch
            ? known
            : await Refresh(shard, store, cancellationToken).ConfigureAwait(false);
        return fence.MapVersion <= mapVersion;
    }

    /// <summary>Reads the fence of a shard again.</summary>
    public async ValueTask<MapFence> Refresh(ShardId shard, EventStore store, CancellationToken cancellationToken) =>
        _known[shard] = await Read(store, cancellationToken).ConfigureAwait(false);

    private static async ValueTask<MapFence> Read(EventStore store, CancellationToken cancellationToken)
    {
        var epoch = store.Tail.Head.Epoch;
        var query = new StreamPageQuery(Stream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await store.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var last, ..]
            ? new MapFence(epoch, last.Version, MapVersionOf(last))
            : new MapFence(epoch, 0, 0);
    }

    private static Task<CommitOutcome> Append(
        EventStore store, MapFence fence, long mapVersion, CancellationToken cancellationToken)
    {
        var payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, mapVersion);
        var request = new AppendRequest().ToReserved(
            Stream,
            ExpectedVersion.AsRead(fence.StreamVersion),
            NewEvent.FromBytes(PlatformEvents.ShardMapRaised, payload, EventContentType.Binary));
        return store.TryAppend(request, cancellationToken);
    }

    private static long MapVersionOf(RecordedEvent raised) => raised.Payload.Length == sizeof(long)
        ? BinaryPrimitives.ReadInt64BigEndian(raised.Payload.Span)
        : throw new StorageException(
            $"The event at version {raised.Version} of '{Stream}' is not the version of a map of shards.",
            StorageProblem.Damaged);
}
