namespace Millrace.Cli;

/// <summary>The stores of all shards of an application with tenants, which a file with shards names.</summary>
internal sealed class TenantShardStores : IAsyncDisposable
{
    private readonly List<(ShardId Shard, OpenStore Store)> _stores;

    private TenantShardStores(Shards shards, List<(ShardId Shard, OpenStore Store)> stores) =>
        (Shards, _stores) = (shards, stores);

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
        var stores = await ShardStores.OpenAll(call, list, EventTypeMap.Empty, cancellationToken);
        try
        {
            var shards = await Tenants.OpenShards(
                [.. stores.Select(static one => (one.Shard, one.Store.Store))], options, cancellationToken);
            return new TenantShardStores(shards, stores);
        }
        catch
        {
            await ShardStores.Close(stores);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await ShardStores.Close(_stores);
}
