namespace Millrace.Sharding;

/// <summary>A store that is a shard of the catalog, and is added to the map.</summary>
/// <param name="Record">The shard in the map.</param>
/// <param name="Fence">The fence in the store.</param>
internal sealed record JoinedShard(ShardRecord Record, ShardFence Fence)
{
    /// <summary>Adds the shard to a map. Returns the same map if another node has added it.</summary>
    /// <exception cref="ShardIdentityException">The map contains another store of the same name.</exception>
    public ShardMap AddTo(ShardMap map, int weight)
    {
        if (map.Find(Record.Shard) is not { } known)
            return map.Add(Record, weight);
        ShardIdentityCheck.Verify(Fence, known, map.Catalog);
        return map;
    }

    /// <summary>Returns the first map with all its shards, or the same map if another node has completed it.</summary>
    public static ShardMap Complete(ShardMap map, IReadOnlyList<JoinedShard> joined)
    {
        if (!map.IsInitial)
            return map;
        var all = map;
        foreach (var shard in joined)
            all = shard.AddTo(all, weight: 1);
        return all with { IsInitial = false, Version = Math.Max(all.Version, map.Version + 1) };
    }
}
