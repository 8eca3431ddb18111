using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace.Sharding;

/// <summary>Opens the shards of an application that places tenants, for tools.</summary>
internal static class TenantShards
{
    /// <exception cref="ShardIdentityException">A store is another shard, or the first store is not the home shard of
    /// tenants.</exception>
    public static async ValueTask<ShardSet> Open(
        IReadOnlyList<(ShardId Shard, EventStore Store)> stores,
        ShardOptions options,
        CancellationToken cancellationToken)
    {
        var (home, homeStore) = stores[0];
        var documents = new ShardDocuments(homeStore);
        if (!await documents.Exist(cancellationToken).ConfigureAwait(false)
            || (await documents.ReadMap(cancellationToken).ConfigureAwait(false)).Value is not { } stored)
        {
            throw new ShardIdentityException(
                home, "it is not a home shard: it has no map of shards. The home shard is the first one.");
        }
        if (stored.Current.Placement != ShardPlacement.Tenant)
            throw new ShardIdentityException(home, "its map places streams, so that the shards contain no tenants.");
        var set = new ShardSet(
            [.. stores.Select(static one => (one.Shard, (IShardStore)new OpenShardStore(one.Store)))],
            ShardPlacement.Tenant,
            options,
            homeStore.Time,
            metrics: null,
            NullLogger.Instance);
        await set.StartTool(cancellationToken).ConfigureAwait(false);
        foreach (var shard in set.All)
            await shard.Check(set.Map, cancellationToken).ConfigureAwait(false);
        return set;
    }
}
