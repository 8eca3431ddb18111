namespace Millrace.Cli;

/// <summary>The stores of all shards of an application with tenants, which a file with shards names.</summary>
internal sealed class TenantShardStores : IAsyncDisposable
{
    private readonly List<OpenStore> _stores;

    private TenantShardStores(Shards shards, List<OpenStore> stores) => (Shards, _stores) = (shards, stores);

    public Shards Shards { get; }

    /// <exception cref="CliException">The call names no file with shards, or a store does not exist.</exception>
    public static async Task<TenantShardStores> Open(
        ToolInvocation call, ShardOptions options, CancellationToken cancellationToken)
    {
        var list = StoreLocator.FindShards(call)
            ?? throw new CliException(
                ExitCode.Usage,
                "This command needs the stores of all shards.",
                "Name them in a file: --store shards.json. For example: "
                    + """{"shards": {"eu-1": "eu-1.db", "eu-2": "eu-2.db"}}""");
        var stores = new List<OpenStore>();
        var named = new List<(ShardId Shard, EventStore Store)>();
        try
        {
            foreach (var (shard, location) in list.Shards)
            {
                var store = await OpenStore.ExistingAt(location, EventTypeMap.Empty, call.Time, cancellationToken);
                stores.Add(store);
                named.Add((shard, store.Store));
            }
            return new TenantShardStores(await Tenants.OpenShards(named, options, cancellationToken), stores);
        }
        catch
        {
            await Close(stores);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await Close(_stores);

    private static async Task Close(List<OpenStore> stores)
    {
        for (var i = stores.Count - 1; i >= 0; i--)
            await stores[i].DisposeAsync();
    }
}
