namespace Millrace.Sharding;

/// <summary>The stored form of the catalog.</summary>
/// <param name="Current">The map that places new keys.</param>
/// <param name="Next">The map that follows when every shard has its version; null if no change is in progress. Any node
/// completes an interrupted change.</param>
internal sealed record StoredShardMap(ShardMap Current, ShardMap? Next = null);
