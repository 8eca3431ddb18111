namespace Millrace.Streams;

/// <summary>A position in the log of a shard.</summary>
/// <param name="Shard">The name of the shard; empty for the single log from before there were shards.</param>
/// <param name="LogEpoch">The epoch of the log.</param>
/// <param name="Position">The position.</param>
internal readonly record struct ShardPosition(string Shard, long LogEpoch, long Position);
