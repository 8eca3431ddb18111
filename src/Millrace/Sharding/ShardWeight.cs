namespace Millrace.Sharding;

/// <summary>A shard that takes new keys, with its share relative to the other shards of a generation.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Weight">The weight, from 1 to <see cref="Max"/>.</param>
internal readonly record struct ShardWeight(ShardId Shard, int Weight)
{
    public const int Max = 100;
}
