namespace Millrace.Sharding;

/// <summary>The shards that take new keys from a time until the next generation.</summary>
/// <param name="Number">The number, which starts with 1.</param>
/// <param name="CreatedAt">The time at which the generation was created.</param>
/// <param name="Shards">The shards with their weights, in the order of their names; at least one.</param>
internal sealed record ShardGeneration(
    int Number, DateTimeOffset CreatedAt, IReadOnlyList<ShardWeight> Shards)
{
    private ulong[]? _seeds; // Computed on the first use.

    /// <summary>Returns the shard of a key.</summary>
    public ShardId Place(string key) => TryPlace(key, static _ => true) ?? Shards[0].Shard;

    /// <summary>Returns the shard of a key among the accepted shards; null if no shard is accepted.</summary>
    public ShardId? TryPlace(string key, Func<ShardId, bool> accepts)
    {
        var hash = RendezvousHash.Of(key);
        var seeds = _seeds ??= [.. Shards.Select(static one => RendezvousHash.Of(one.Shard.Value))];
        ShardId? best = null;
        var bestScore = 0UL;
        for (var i = 0; i < seeds.Length; i++)
        {
            var (shard, weight) = Shards[i];
            if (!accepts(shard))
                continue;
            // Of equal scores, the first name has the key: the shards are in the order of their names.
            if (RendezvousHash.Score(seeds[i], weight, hash) is var score && (best is null || score > bestScore))
                (best, bestScore) = (shard, score);
        }
        return best;
    }

    /// <summary>Returns the weight of a shard; 0 if it takes no new keys.</summary>
    public int WeightOf(ShardId shard)
    {
        foreach (var one in Shards)
        {
            if (one.Shard == shard)
                return one.Weight;
        }
        return 0;
    }
}
