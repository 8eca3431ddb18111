using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace.Sharding;

/// <summary>Opens the shards of an application for tools that have their stores open.</summary>
internal static class ToolShardSet
{
    /// <summary>Reads the map from the home shard, and starts the shards. The stores are not checked yet.</summary>
    /// <param name="stores">The open stores; the first one is the home shard.</param>
    /// <param name="refuse">Returns why the tool cannot use shards with a placement; null if it can.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardIdentityException">The first store is not the home shard, or the tool cannot use
    /// it.</exception>
    public static async ValueTask<ShardSet> Open(
        IReadOnlyList<(ShardId Shard, EventStore Store)> stores,
        Func<ShardPlacement, string?> refuse,
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
        if (refuse(stored.Current.Placement) is { } reason)
            throw new ShardIdentityException(home, reason);
        var set = new ShardSet(
            [.. stores.Select(static one => (one.Shard, (IShardStore)new OpenShardStore(one.Store)))],
            stored.Current.Placement,
            options,
            homeStore.Time,
            metrics: null,
            NullLogger.Instance);
        await set.StartTool(cancellationToken).ConfigureAwait(false);
        return set;
    }
}
