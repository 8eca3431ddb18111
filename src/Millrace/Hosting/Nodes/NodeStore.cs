using Microsoft.Extensions.DependencyInjection;
using Millrace.Store;
using Millrace.Tenancy.Sharded;
using Millrace.Tenancy.Shared;

namespace Millrace.Hosting.Nodes;

/// <summary>
/// The store that decides whether this node is ready: that of the application, the one that tenants share, or that of
/// the home shard. If each tenant has its own database, it is the list of tenants.
/// </summary>
internal sealed class NodeStore
{
    private readonly EventStore? _store;
    private readonly ITenantStorage? _tenants;

    private NodeStore(EventStore? store, ITenantStorage? tenants) => (_store, _tenants) = (store, tenants);

    /// <summary>Gets the queue of the requests that write; null if each tenant has its own.</summary>
    public CommitQueue? Queue => _store?.Queue;

    public static NodeStore Of(IServiceProvider provider)
    {
        if (provider.GetService<Tenants>() is not { } tenants)
        {
            return new NodeStore(
                provider.GetService<StreamShards>()?.HomeStore ?? provider.GetRequiredService<EventStore>(), null);
        }
        return tenants.Storage switch
        {
            SharedTenants shared => new NodeStore(shared.Store, null),
            ShardedTenants sharded => new NodeStore(sharded.HomeStore, null),
            var separate => new NodeStore(null, separate),
        };
    }

    public async Task Ping(CancellationToken cancellationToken)
    {
        if (_store is not null)
            await _store.Storage.Ping(cancellationToken).ConfigureAwait(false);
        else if (_tenants is not null)
            await _tenants.List(cancellationToken).ConfigureAwait(false);
    }
}
