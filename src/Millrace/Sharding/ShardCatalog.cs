namespace Millrace.Sharding;

/// <summary>The map of shards in the home shard, and this node's copy of it. Thread-safe.</summary>
/// <remarks>
/// A change is written as the next map first. Then every shard gets its version, so that nodes with the former map load
/// the map again before they place new keys. Only then it becomes the current map. Any node completes an interrupted
/// change.
/// </remarks>
/// <param name="home">The documents of the home shard.</param>
/// <param name="raiseFences">Writes the version of a map to its shards. Returns the shards that it did not
/// reach.</param>
/// <param name="findMissing">Returns the shards of a map that do not answer. A change that places streams is refused
/// then, because no stream could be created until they get the new version.</param>
internal sealed class ShardCatalog(
    ShardDocuments home,
    Func<ShardMap, CancellationToken, ValueTask<IReadOnlyList<ShardId>>> raiseFences,
    Func<ShardMap, CancellationToken, ValueTask<IReadOnlyList<ShardId>>> findMissing)
{
    private const int MaxAttempts = 100;
    private const string NotStarted =
        "all shards must be available to change the map. Nothing was changed; try again later.";
    private const string NotCompleted =
        "it did not get the new version of the map. The change is recorded, and is completed when the shard is "
        + "available.";

    private readonly Lock _lock = new();
    private volatile ShardMap? _current;

    /// <summary>Gets the newest map that this node has read.</summary>
    public ShardMap Current => _current ?? throw new InvalidOperationException("The map of shards was not read yet.");

    /// <summary>Gets whether this node has read the map.</summary>
    public bool IsKnown => _current is not null;

    /// <summary>Gets or sets what runs after each step of a change, for tests that interrupt it.</summary>
    public Action<string> AfterStep { get; set; } = static _ => { };

    /// <summary>Writes the first map. Returns false if the home shard already has one.</summary>
    public async ValueTask<bool> TryCreate(ShardMap map, CancellationToken cancellationToken) =>
        await home.TryWriteFirst(map, FenceOfHome(map), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Reads the map, and completes a change that another node has started. Returns null if there is no map.
    /// </summary>
    public async ValueTask<ShardMap?> Refresh(CancellationToken cancellationToken)
    {
        var (stored, version) = await home.ReadMap(cancellationToken).ConfigureAwait(false);
        if (stored is null)
            return null;
        Accept(stored.Current);
        if (stored.Next is not null)
            await Complete(stored.Next, version, cancellationToken).ConfigureAwait(false);
        return Current;
    }

    /// <summary>Returns the current map, which is read again only if it has changed.</summary>
    public async ValueTask<ShardMap> GetFresh(CancellationToken cancellationToken)
    {
        var (fence, _) = await home.ReadFence(cancellationToken).ConfigureAwait(false);
        if (fence is null || fence.MapVersion > Current.Version)
            await Refresh(cancellationToken).ConfigureAwait(false);
        return Current;
    }

    /// <summary>Changes the map. Several nodes can do this at the same time.</summary>
    /// <param name="change">Returns the next map, or the given map for no change. It may be called several
    /// times.</param>
    /// <param name="cancellationToken">Cancels the operation. A change that is already written is completed by any
    /// node.</param>
    /// <returns>The map after the change.</returns>
    /// <exception cref="ShardMapException">The change is not valid.</exception>
    /// <exception cref="ShardUnavailableException">The map places streams, and a shard does not answer. If it stopped
    /// during the change, the change is completed when the shard is available again.</exception>
    public async ValueTask<ShardMap> Change(Func<ShardMap, ShardMap> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (stored, version) = await home.ReadMap(cancellationToken).ConfigureAwait(false);
            if (stored is null)
                throw new InvalidOperationException("The home shard has no map of shards.");
            Accept(stored.Current);
            if (stored.Next is { } started)
            {
                ThrowIfAny(await Complete(started, version, cancellationToken).ConfigureAwait(false), NotCompleted);
                continue;
            }
            var next = change(stored.Current);
            if (ReferenceEquals(next, stored.Current))
                return next;
            if (next.Placement != ShardPlacement.Tenant)
                ThrowIfAny(await findMissing(next, cancellationToken).ConfigureAwait(false), NotStarted);
            var isWritten = await home
                .TryWriteMap(stored with { Next = next }, version, FenceOfHome(next), cancellationToken)
                .ConfigureAwait(false);
            if (!isWritten)
                continue;
            AfterStep("recorded");
            (stored, version) = await home.ReadMap(cancellationToken).ConfigureAwait(false);
            if (stored is not null)
                Accept(stored.Current);
            if (stored?.Next is { } written && written.Version == next.Version)
                ThrowIfAny(await Complete(written, version, cancellationToken).ConfigureAwait(false), NotCompleted);
            return Current;
        }
        throw new Storage.StorageException(
            "The map of shards could not be changed, because other nodes changed it at the same time. Try again.",
            Storage.StorageProblem.Busy);
    }

    /// <summary>Completes a change. Returns the shards that keep it from being completed.</summary>
    private async ValueTask<IReadOnlyList<ShardId>> Complete(
        ShardMap next, long version, CancellationToken cancellationToken)
    {
        var missed = await raiseFences(next, cancellationToken).ConfigureAwait(false);
        // The catalog records the shard of each tenant, so that a node with an older map cannot place one twice.
        if (missed.Count > 0 && next.Placement != ShardPlacement.Tenant)
            return missed;
        AfterStep("fenced");
        if (await home.TryWriteMap(new StoredShardMap(next), version, fence: null, cancellationToken)
            .ConfigureAwait(false))
        {
            AfterStep("completed");
            Accept(next);
            return [];
        }
        var (stored, _) = await home.ReadMap(cancellationToken).ConfigureAwait(false);
        if (stored is not null)
            Accept(stored.Current); // Another node has completed it.
        return [];
    }

    private void Accept(ShardMap map)
    {
        lock (_lock)
        {
            if (_current is null || _current.Version < map.Version)
                _current = map;
        }
    }

    private static void ThrowIfAny(IReadOnlyList<ShardId> missing, string problem)
    {
        if (missing.Count > 0)
            throw new ShardUnavailableException(missing[0], problem);
    }

    private static ShardFence FenceOfHome(ShardMap map) =>
        new(map.Home, map.Shards[0].Identity, map.Catalog, map.Version);
}
