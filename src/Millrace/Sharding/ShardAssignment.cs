namespace Millrace.Sharding;

/// <summary>The recorded shard of a key, such as a tenant.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="RemovedAt">The time at which the data of the key was removed; null before.</param>
internal sealed record ShardAssignment(ShardId Shard, DateTimeOffset? RemovedAt = null);
