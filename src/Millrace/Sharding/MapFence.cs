namespace Millrace.Sharding;

/// <summary>The fence in the log of a shard, as a node has read it.</summary>
/// <param name="LogEpoch">The epoch of the log.</param>
/// <param name="StreamVersion">The version of the stream of the fence; 0 if no fence was raised.</param>
/// <param name="MapVersion">The version of the map to which the fence was raised; 0 for none.</param>
internal sealed record MapFence(long LogEpoch, long StreamVersion, long MapVersion);
