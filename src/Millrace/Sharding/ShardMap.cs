using System.Text.Json.Serialization;

namespace Millrace.Sharding;

/// <summary>
/// The shards of an application, and the generations that place new keys. A map never changes: each change returns
/// another map with the next version.
/// </summary>
internal sealed record ShardMap
{
    public const int MaxShards = 1_000;

    /// <summary>The number of generations of a map of tenants, whose shards are recorded one by one.</summary>
    private const int MaxTenantGenerations = 10;

    /// <summary>Gets the version, which starts with 1.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the id of the catalog that contains the map. All shards of the map store it.</summary>
    public required Guid Catalog { get; init; }

    /// <summary>Gets what the map places.</summary>
    public required ShardPlacement Placement { get; init; }

    /// <summary>
    /// Gets whether the first start of the application is not complete: its shards are still added to the map.
    /// </summary>
    public bool IsInitial { get; init; }

    /// <summary>Gets all shards, in the order in which they were added. The first shard contains the catalog.</summary>
    public required IReadOnlyList<ShardRecord> Shards { get; init; }

    /// <summary>Gets the generations, oldest first; at least one. The newest one places new keys.</summary>
    public required IReadOnlyList<ShardGeneration> Generations { get; init; }

    /// <summary>Gets the name of the shard that contains the catalog.</summary>
    [JsonIgnore]
    public ShardId Home => Shards[0].Shard;

    /// <summary>Gets the generation that places new keys.</summary>
    [JsonIgnore]
    public ShardGeneration Newest => Generations[^1];

    /// <summary>Creates the first version, with one shard.</summary>
    public static ShardMap Create(Guid catalog, ShardPlacement placement, ShardRecord home, int weight = 1)
    {
        CheckWeight(weight, min: 1);
        return new ShardMap
        {
            Version = 1,
            Catalog = catalog,
            Placement = placement,
            Shards = [home],
            Generations = [new ShardGeneration(1, home.AddedAt, [new ShardWeight(home.Shard, weight)])],
        };
    }

    /// <summary>Returns the shard of a new key.</summary>
    public ShardId Place(string key) => Newest.Place(key);

    /// <summary>
    /// Returns the shards in which a key can be: those in which the generations place it, newest generation first,
    /// without repetitions. A key that exists in one of them stays there, and a new key belongs to the first one.
    /// </summary>
    public IReadOnlyList<ShardId> Candidates(string key)
    {
        var found = new List<ShardId>();
        for (var i = Generations.Count - 1; i >= 0; i--)
        {
            if (Generations[i].Place(key) is var shard && !found.Contains(shard))
                found.Add(shard);
        }
        return found;
    }

    /// <summary>Returns a shard of the map; null if there is none with the name.</summary>
    public ShardRecord? Find(ShardId shard)
    {
        foreach (var record in Shards)
        {
            if (record.Shard == shard)
                return record;
        }
        return null;
    }

    /// <summary>Adds a shard. With the weight 0, it takes no new keys yet.</summary>
    /// <exception cref="ShardMapException">The map already contains the shard, or too many shards.</exception>
    public ShardMap Add(ShardRecord shard, int weight = 1)
    {
        if (Find(shard.Shard) is not null)
            throw new ShardMapException(
                shard.Shard, "the map already contains a shard with this name. Choose another name.");
        if (Shards.Count == MaxShards)
            throw new ShardMapException(shard.Shard, $"a map contains at most {MaxShards:N0} shards.");
        var added = this with { Shards = [.. Shards, shard] };
        return added.With(shard.Shard, weight, shard.AddedAt);
    }

    /// <summary>
    /// Sets the share of new keys that a shard takes, relative to the other shards. With 0, it takes none. Existing
    /// keys stay where they are. Returns this map if the shard already has the weight.
    /// </summary>
    /// <exception cref="ShardMapException">The map does not contain the shard, or no shard would take new
    /// keys.</exception>
    public ShardMap SetWeight(ShardId shard, int weight, DateTimeOffset now)
    {
        if (Find(shard) is null)
        {
            throw new ShardMapException(
                shard,
                $"the map does not contain it. Its shards are: {string.Join(", ", Shards.Select(one => one.Shard))}.");
        }
        return Newest.WeightOf(shard) == weight ? this : With(shard, weight, now);
    }

    private ShardMap With(ShardId shard, int weight, DateTimeOffset now)
    {
        CheckWeight(weight, min: 0);
        var isAlone = Placement == ShardPlacement.Time && weight > 0; // It takes all new streams.
        IEnumerable<ShardWeight> others = isAlone ? [] : Newest.Shards.Where(one => one.Shard != shard);
        ShardWeight[] weights =
        [
            .. (weight == 0 ? others : others.Append(new ShardWeight(shard, weight)))
                .OrderBy(static one => one.Shard.Value, StringComparer.Ordinal),
        ];
        if (weights.Length == 0)
        {
            throw new ShardMapException(
                shard, "no other shard takes new keys. Add a shard, or raise the weight of another one first.");
        }
        var isSame = Newest.Shards.SequenceEqual(weights);
        return this with
        {
            Version = Version + 1,
            Generations = isSame ? Generations : Extend(new ShardGeneration(Newest.Number + 1, now, weights)),
        };
    }

    private ShardGeneration[] Extend(ShardGeneration generation)
    {
        ShardGeneration[] all = [.. Generations, generation];
        return Placement == ShardPlacement.Tenant ? [.. all.TakeLast(MaxTenantGenerations)] : all;
    }

    private static void CheckWeight(int weight, int min)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, ShardWeight.Max);
    }
}
