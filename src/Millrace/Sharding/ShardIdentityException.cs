namespace Millrace;

/// <summary>Thrown when the store behind the name of a shard is not the store that the map contains.</summary>
public sealed class ShardIdentityException(ShardId shard, string problem)
    : MillraceException(
        $"The wrong store is configured for the shard '{shard}': {problem} Check the address.")
{
    /// <summary>Gets the shard.</summary>
    public ShardId Shard { get; } = shard;

    /// <summary>Gets the difference.</summary>
    public string Problem { get; } = problem;
}
