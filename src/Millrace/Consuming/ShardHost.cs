namespace Millrace.Consuming;

/// <summary>The consumers of a store on this node.</summary>
/// <param name="Shard">The name of the shard; null without shards.</param>
/// <param name="Index">The index of the shard in the map; 0 for the home shard and without shards.</param>
/// <param name="Host">The consumers.</param>
internal readonly record struct ShardHost(string? Shard, int Index, ConsumerHost Host);
