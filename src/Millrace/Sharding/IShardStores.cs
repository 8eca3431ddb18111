namespace Millrace.Sharding;

/// <summary>The stores of the shards, and the map that places new streams.</summary>
internal interface IShardStores : IAsyncDisposable
{
    /// <summary>Opens the home shard, and the other shards as far as they are available.</summary>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>
    /// Gets the map that this node uses. The fences of all its shards were raised to its version before.
    /// </summary>
    ShardMap Map { get; }

    /// <summary>Loads the newest map. If a change of the map was interrupted, completes the change.</summary>
    /// <exception cref="ShardUnavailableException">A shard that the operation needs cannot be reached.</exception>
    ValueTask Reload(CancellationToken cancellationToken);

    /// <summary>Gets the clock.</summary>
    TimeProvider Time { get; }

    /// <summary>Returns the store of a shard.</summary>
    /// <exception cref="ShardUnavailableException">The store is not open.</exception>
    EventStore StoreOf(ShardId shard);
}
