using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Sharding;

/// <summary>Reads streams in their shards, and what can be combined from the logs of all shards.</summary>
/// <param name="shards">The stores and the map.</param>
/// <param name="placer">Finds the shards of streams.</param>
/// <param name="commits">Finds the shards of commits.</param>
internal sealed class ShardedLog(IShardStores shards, StreamPlacer placer, ShardedCommits commits)
    : ILogStorage, IShardedLog
{
    public bool CommitsOnCallingThread => false;

    private ILogStorage Home => LogOf(shards.Map.Home);

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        throw NoPositions("A batch cannot be committed in all shards");

    /// <summary>Returns the epoch of the home shard. There is no position.</summary>
    public async ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        await Home.GetHead(cancellationToken).ConfigureAwait(false) with { Position = 0 };

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        throw NoPositions("There is no end of the log to wait for");

    public async ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken)
    {
        var heads = await FromAll(
            async (shard, log) => (shard, Head: await log.GetHead(cancellationToken).ConfigureAwait(false)))
            .ConfigureAwait(false);
        foreach (var (shard, head) in heads)
            shards.StoreOf(shard).Tail.SetHead(head);
        return ConsistencyToken.InShards(
            heads.Select(static one => new ShardPosition(one.shard.Value, one.Head.Epoch, one.Head.Position)));
    }

    public async ValueTask<long> GetEpoch(
        IReadOnlyCollection<StreamId> streams, StreamId? placedBy, CancellationToken cancellationToken)
    {
        var shard = await commits.FindShard(streams, placedBy, cancellationToken).ConfigureAwait(false);
        return shards.StoreOf(shard).Tail.Head.Epoch;
    }

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) => Read(
        query.Stream,
        static (storage, query, cancel) => storage.Log.ReadStream(query, cancel),
        query,
        static page => page.Events.Count > 0,
        cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) => Read(
        stream,
        static (storage, stream, cancel) => storage.Log.GetStream(stream, cancel),
        stream,
        static head => head.Version > 0,
        cancellationToken);

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) => Read(
        query.Stream,
        static (storage, query, cancel) => storage.ReadSnapshot(query, cancel),
        query,
        static stored => stored.Document is not null || stored.EventsAfter is { Events.Count: > 0 },
        cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) => Read(
        stream,
        static (storage, key, cancel) => storage.Log.FindEvent(key.stream, key.id, cancel),
        (stream, id),
        static found => found is not null,
        cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        throw NoPositions("The log cannot be read");

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        var found = await FromAll((_, log) => log.FindEvent(id, cancellationToken).AsTask()).ConfigureAwait(false);
        return Array.Find(found, static one => one is not null);
    }

    public async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        (await FromAll((_, log) => log.Count(filter, cancellationToken).AsTask()).ConfigureAwait(false)).Sum();

    public async ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        var all = await FromAll((_, log) => log.ListEventTypes(cancellationToken).AsTask()).ConfigureAwait(false);
        return [.. all.SelectMany(static types => types).Distinct().Order(CodePointOrder.Instance)];
    }

    public async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        var result = new List<StreamInfo>();
        while (true)
        {
            var start = after;
            var pages = await FromAll(async (shard, log) => (
                shard, Page: await log.ListStreams(prefix, start, limit, cancellationToken).ConfigureAwait(false)))
                .ConfigureAwait(false);
            // Up to the end of the shortest full page, the pages contain all streams.
            var end = pages.Where(one => one.Page.Count == limit)
                .Select(static one => one.Page[^1].Stream.Value)
                .Min(CodePointOrder.Instance);
            var home = shards.Map.Home;
            result.AddRange(
                from one in pages
                from info in one.Page
                where end is null || CodePointOrder.Instance.Compare(info.Stream.Value, end) <= 0
                where one.shard == home || !StreamPlacer.IsOfPlatform(info.Stream)
                orderby info.Stream.Value
                select info);
            if (end is null || result.Count >= limit)
                break;
            after = end;
        }
        result.Sort(static (one, other) => CodePointOrder.Instance.Compare(one.Stream.Value, other.Stream.Value));
        return result.Count <= limit ? result : result[..limit];
    }

    public async ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken)
    {
        var found = await FromAll((_, log) => log.FindClaim(scope, value, cancellationToken).AsTask())
            .ConfigureAwait(false);
        return Array.Find(found, static owner => owner is not null);
    }

    public async ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken)
    {
        var found = await FromAll(async (shard, log) =>
            await log.FindHandled(scope, id, cancellationToken).ConfigureAwait(false) is { } answer
                ? answer with { Shard = shard.Value }
                : null).ConfigureAwait(false);
        return Array.Find(found, static answer => answer is not null);
    }

    public async ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken)
    {
        if (stream is { } one)
        {
            var place = await placer.Find(one, cancellationToken).ConfigureAwait(false);
            return await LogOf(place.Shard).ListRemovals(one, cancellationToken).ConfigureAwait(false);
        }
        var all = await FromAll((_, log) => log.ListRemovals(null, cancellationToken).AsTask()).ConfigureAwait(false);
        return [.. all.SelectMany(static removals => removals).OrderBy(static removal => removal.At)];
    }

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        throw NoPositions("The removals have no common order");

    private ILogStorage LogOf(ShardId shard) => shards.StoreOf(shard).Storage.Log;

    private ValueTask<TResult> Read<TArgument, TResult>(
        StreamId stream,
        Func<IStorage, TArgument, CancellationToken, ValueTask<TResult>> read,
        TArgument argument,
        Func<TResult, bool> exists,
        CancellationToken cancellationToken) =>
        placer.Read(
            stream,
            static (shard, call, cancel) => call.read(call.shards.StoreOf(shard).Storage, call.argument, cancel),
            (shards, read, argument),
            exists,
            cancellationToken);

    private Task<TResult[]> FromAll<TResult>(Func<ShardId, ILogStorage, Task<TResult>> read) =>
        Task.WhenAll(shards.Map.Shards.Select(one => read(one.Shard, LogOf(one.Shard))));

    private static NotAcrossShardsException NoPositions(string operation) =>
        new(operation, "Each shard has its own log with its own positions: take the store of a shard.");
}
