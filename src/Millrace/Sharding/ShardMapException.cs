namespace Millrace;

/// <summary>Thrown when the map of shards cannot be changed as requested. The map is unchanged.</summary>
public sealed class ShardMapException(ShardId shard, string problem)
    : MillraceException($"The map of shards cannot be changed for '{shard}': {problem}")
{
    /// <summary>Gets the shard.</summary>
    public ShardId Shard { get; } = shard;
}
