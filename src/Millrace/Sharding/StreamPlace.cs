namespace Millrace.Sharding;

/// <summary>The shard of a stream.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="IsKnown">True if the shard contains the stream. False if the stream is new, or if it is unknown whether
/// it exists.</param>
/// <param name="MapVersion">The version of the map that was used; 0 if no map was needed.</param>
internal readonly record struct StreamPlace(ShardId Shard, bool IsKnown, long MapVersion);
