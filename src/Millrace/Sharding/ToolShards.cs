using Millrace.Consuming;

namespace Millrace.Sharding;

/// <summary>The stores of all shards, which a tool has open.</summary>
internal sealed class ToolShards(ShardSet shards) : IShardStores
{
    public ShardMap Map => shards.Map;

    public TimeProvider Time => shards.Home.Inner.Store.Time;

    public ValueTask Open(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask Reload(CancellationToken cancellationToken) =>
        await shards.Refresh(cancellationToken).ConfigureAwait(false);

    public EventStore StoreOf(ShardId shard) => shards.Get(shard).Require().Store;

    /// <summary>Returns consumers that do not run, for the services of operators.</summary>
    public ShardHosts CreateHosts(Action<ConsumerHost>? configure = null)
    {
        (string?, ConsumerHost?)[] hosts =
        [
            .. Map.Shards.Select(record =>
            {
                var host = ConsumerHost.Idle(StoreOf(record.Shard));
                configure?.Invoke(host);
                return ((string?)record.Shard.Value, (ConsumerHost?)host);
            }),
        ];
        return new ShardHosts(
            () => hosts,
            static shard => throw new ShardUnavailableException(
                new ShardId(shard), "it was added in the meantime. Open it too."));
    }

    public ValueTask DisposeAsync() => shards.DisposeAsync();
}
