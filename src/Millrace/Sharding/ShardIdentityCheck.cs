using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>Checks that a store is the shard whose name it has, and makes an empty store a shard.</summary>
internal static class ShardIdentityCheck
{
    private const int MaxAttempts = 10;

    /// <summary>Compares the fence of a store with the map, and returns it.</summary>
    /// <exception cref="ShardIdentityException">It is another store.</exception>
    public static ShardFence Verify(ShardFence? fence, ShardRecord record, Guid catalog)
    {
        var shard = record.Shard;
        if (fence is null)
        {
            throw new ShardIdentityException(
                shard, "it was never a shard. If it was restored, restore all its data, not only the events.");
        }
        ThrowIfOther(fence, shard, catalog);
        if (fence.Identity != record.Identity)
            throw new ShardIdentityException(shard, "it is another store that had the same name.");
        return fence;
    }

    /// <summary>
    /// Makes an empty store a shard. A store that is already this shard is accepted, to continue after an interruption.
    /// </summary>
    /// <exception cref="ShardIdentityException">The store is another shard, or contains events.</exception>
    public static async ValueTask<ShardFence> Join(
        EventStore store, ShardId shard, Guid catalog, CancellationToken cancellationToken)
    {
        var documents = new ShardDocuments(store);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (fence, _) = await documents.Exist(cancellationToken).ConfigureAwait(false)
                ? await documents.ReadFence(cancellationToken).ConfigureAwait(false)
                : (null, 0);
            if (fence is not null)
            {
                ThrowIfOther(fence, shard, catalog);
                return fence;
            }
            await ThrowIfUsed(store, shard, cancellationToken).ConfigureAwait(false);
            await documents.Ensure(cancellationToken).ConfigureAwait(false);
            var own = new ShardFence(shard, Guid.CreateVersion7(store.Time.GetUtcNow()), catalog, MapVersion: 0);
            if (await documents.TryWriteFence(own, fromVersion: 0, cancellationToken).ConfigureAwait(false))
                return own;
        }
        throw new StorageException(
            $"The shard '{shard}' could not be prepared, because other nodes changed it at the same time. Try again.",
            StorageProblem.Busy);
    }

    /// <summary>Throws if a store belongs to another shard or to another catalog.</summary>
    public static void ThrowIfOther(ShardFence fence, ShardId shard, Guid catalog)
    {
        if (fence.Catalog != catalog)
        {
            throw new ShardIdentityException(
                shard, $"it is the shard '{fence.Shard}' of another application, whose catalog is {fence.Catalog}.");
        }
        if (fence.Shard != shard)
            throw new ShardIdentityException(shard, $"it is the shard '{fence.Shard}'.");
    }

    /// <summary>Throws if a store has streams of an application, or tenants, even if they were removed.</summary>
    private static async ValueTask ThrowIfUsed(
        EventStore store, ShardId shard, CancellationToken cancellationToken)
    {
        await foreach (var stream in store.ListStreams(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            // Streams of Millrace, such as declarations, are written when a store is opened.
            if (stream.Stream.Value[0] == '$')
                continue;
            throw new ShardIdentityException(
                shard,
                $"it already contains streams, such as '{stream.Stream}', and only the home shard may. Use an empty "
                    + "store.");
        }
        if (!await TenantCollection.IsIn(store.Storage, cancellationToken).ConfigureAwait(false))
            return;
        var query = new DocumentQuery { Collection = TenantCollection.Name, Limit = 1 };
        var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        if (page.Documents is [var tenant, ..])
        {
            throw new ShardIdentityException(
                shard,
                $"it contains or contained tenants, such as '{tenant.Key}', and only the home shard may. Use an empty "
                    + "store.");
        }
    }
}
