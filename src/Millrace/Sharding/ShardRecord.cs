namespace Millrace.Sharding;

/// <summary>A shard in the map.</summary>
/// <param name="Shard">The name.</param>
/// <param name="Identity">The id that the store of the shard also contains, in its <see cref="ShardFence"/>.</param>
/// <param name="AddedAt">The time at which the shard was added.</param>
/// <param name="Store">The description of its store when it was added, without a password.</param>
internal sealed record ShardRecord(ShardId Shard, Guid Identity, DateTimeOffset AddedAt, string Store);
