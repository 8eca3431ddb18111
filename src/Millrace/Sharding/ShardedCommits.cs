using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>Commits each request in the shard of its streams.</summary>
/// <param name="shards">The stores and the map.</param>
/// <param name="placer">Finds the shards of streams.</param>
/// <param name="fences">The fences of the shards.</param>
internal sealed class ShardedCommits(IShardStores shards, StreamPlacer placer, MapFences fences)
{
    // A change of the map needs a write to each shard.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Commits a request. If the store refuses the request, the outcome contains the reason.</summary>
    public async Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        if (ProblemOf(request) is { } problem)
            return CommitOutcome.Refused(problem);
        var started = shards.Time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var (place, refusal) = await PlaceOf(request, cancellationToken).ConfigureAwait(false);
            if (refusal is not null)
                return CommitOutcome.Refused(refusal);
            var outcome = await TryCommitIn(place, request, isBackground, cancellationToken).ConfigureAwait(false);
            if (outcome is not null && !await MayBeElsewhere(place, outcome, cancellationToken).ConfigureAwait(false))
                return outcome;
            await shards.Reload(cancellationToken).ConfigureAwait(false);
            if (attempt == 1)
                continue;
            if (shards.Time.GetElapsedTime(started) > MaxWait)
                throw new StorageException(
                    "A change of the map of shards is in progress and did not end in time. Nothing was written; try "
                        + "again.",
                    StorageProblem.Busy);
            var pause = FirstPause * attempt < MaxPause ? FirstPause * attempt : MaxPause;
            await Task.Delay(pause, shards.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the shard that commits a request with these streams.</summary>
    public async ValueTask<ShardId> FindShard(
        IReadOnlyCollection<StreamId> streams, StreamId? placedBy, CancellationToken cancellationToken)
    {
        foreach (var stream in streams)
        {
            if (!StreamPlacer.IsOfPlatform(stream))
                return (await placer.Find(stream, cancellationToken).ConfigureAwait(false)).Shard;
        }
        return placedBy is { } one
            ? (await placer.Find(one, cancellationToken).ConfigureAwait(false)).Shard
            : shards.Map.Home;
    }

    private static NotAcrossShardsException? ProblemOf(CommitRequest request) =>
        request.Claims.Count > 0
            ? new NotAcrossShardsException(
                "A unique value cannot be claimed",
                "Use a stream whose id is the value, and append its first event with ExpectedVersion.NoStream.")
        : request.Conditions.Count > 0
            ? new NotAcrossShardsException(
                "An append cannot have conditions",
                "A condition is about the positions of one log: keep the events of the decision in one stream.")
        : null;

    private async ValueTask<(StreamPlace Place, StreamsOnSeveralShardsException? Refusal)> PlaceOf(
        CommitRequest request, CancellationToken cancellationToken)
    {
        StreamPlace? place = null;
        List<StreamShard>? all = null;
        foreach (var stream in StreamsOf(request))
        {
            var next = await placer.Find(stream, cancellationToken).ConfigureAwait(false);
            (all ??= []).Add(new StreamShard(stream, next.Shard));
            // A new stream decides whether the commit needs the guard.
            place = place is null || (place.Value.IsKnown && !next.IsKnown) ? next : place;
        }
        if (request.PlacedIn is { } placedIn)
        {
            var shard = new ShardId(placedIn);
            (all ??= []).AddRange(
                from append in request.Appends
                where StreamPlacer.IsOfPlatform(append.Stream)
                select new StreamShard(append.Stream, shard));
            place ??= new StreamPlace(shard, IsKnown: true, 0);
        }
        if (all?.Exists(one => one.Shard != all[0].Shard) == true)
            return (default, new StreamsOnSeveralShardsException(all));
        return (
            place ?? new StreamPlace(
                await FindShard([], request.PlacedBy, cancellationToken).ConfigureAwait(false), IsKnown: true, 0),
            null);
    }

    private static IEnumerable<StreamId> StreamsOf(CommitRequest request) =>
        request.Appends.Select(static append => append.Stream)
            .Concat(request.Removals.Select(static removal => removal.Stream))
            .Where(static stream => !StreamPlacer.IsOfPlatform(stream));

    /// <summary>
    /// Commits a request in a shard. Returns null if a fence shows that this node may not create the stream by its map.
    /// </summary>
    private async ValueTask<CommitOutcome?> TryCommitIn(
        StreamPlace place, CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        var store = shards.StoreOf(place.Shard);
        var guarded = request;
        if (!place.IsKnown && request.Appends.Count > 0)
        {
            var guard = await fences
                .FindGuard(place.Shard, store, place.MapVersion, cancellationToken)
                .ConfigureAwait(false);
            if (guard is not { } fence)
                return null;
            guarded = request.WithContents(guards: [fence]);
        }
        var outcome = await store.TryCommit(guarded, isBackground, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal && MapFences.IsRaised(refusal))
        {
            await fences.Refresh(place.Shard, store, cancellationToken).ConfigureAwait(false);
            return null;
        }
        var epoch = store.Tail.Head.Epoch;
        if (outcome.Result == CommitResult.Committed && !ReferenceEquals(guarded, request))
        {
            foreach (var stream in StreamsOf(request))
                placer.RecordKnown(stream, place.Shard, epoch);
        }
        return outcome.InShard(place.Shard.Value, epoch);
    }

    /// <summary>
    /// Returns whether a commit may have been refused because another node created the stream in another shard, by a
    /// newer map.
    /// </summary>
    private async ValueTask<bool> MayBeElsewhere(
        StreamPlace place, CommitOutcome outcome, CancellationToken cancellationToken) =>
        outcome.Refusal is VersionConflictException { Actual: 0 } or StreamNotFoundException
        && await placer.IsOutdated(place, cancellationToken).ConfigureAwait(false);
}
