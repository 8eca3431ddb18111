namespace Millrace.Sharding;

/// <summary>
/// What the store of a shard contains about its shard. It proves that the store belongs to the name, and shows the
/// newest version of the map that any node has used here.
/// </summary>
/// <param name="Shard">The name of the shard.</param>
/// <param name="Identity">The id of the shard, which the map also contains.</param>
/// <param name="Catalog">The id of the catalog.</param>
/// <param name="MapVersion">The version of the map. A node with an older map loads the map again before it
/// writes.</param>
internal sealed record ShardFence(ShardId Shard, Guid Identity, Guid Catalog, long MapVersion);
