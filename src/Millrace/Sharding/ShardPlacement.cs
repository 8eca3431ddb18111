namespace Millrace.Sharding;

/// <summary>What a map of shards places. It is fixed when the map is created.</summary>
internal enum ShardPlacement
{
    /// <summary>Tenants: all data of a tenant is in one shard, which the catalog records.</summary>
    Tenant,

    /// <summary>Streams: the name of a stream selects its shard.</summary>
    Stream,

    /// <summary>
    /// Streams, by the time of their first event: all new streams are in the shard that was added last.
    /// </summary>
    Time,
}
