namespace Millrace.Sharding;

/// <summary>The recorded shard of a key, such as a tenant.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="RemovedAt">The time at which the data of the key was removed; null before.</param>
/// <param name="Generation">The number of the move that brought the key to the shard; 0 if it never moved. It is part
/// of the stored names, because the names in a former shard stay closed.</param>
/// <param name="LastGeneration">The number of the last move that was started, which may have been cancelled.</param>
/// <param name="IsRemoving">Whether the removal of the data has started, so that no move can start.</param>
internal sealed record ShardAssignment(
    ShardId Shard,
    DateTimeOffset? RemovedAt = null,
    int Generation = 0,
    int LastGeneration = 0,
    bool IsRemoving = false);
