using Millrace.Consuming;
using Millrace.Explaining;
using Millrace.Sharding;

namespace Millrace.Hosting;

/// <summary>Creates the services of single shards.</summary>
internal sealed class ShardServices(
    StreamShards shards, ModelCatalog model, IReadOnlyList<SqlProjection> tables) : IShardServices
{
    public ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken) =>
        shards.Storage.Placer.FindShard(stream, cancellationToken);

    public Consumers ConsumersOf(ShardId shard) => new(HostOf(shard));

    public DeadLetters DeadLettersOf(ShardId shard) => new(HostOf(shard));

    public Projections ProjectionsOf(ShardId shard) => new(HostOf(shard), model.Projections);

    public Explanations ExplanationsOf(ShardId shard) =>
        new(new ShardExplanations(HostOf(shard), findShard: null, model, tables));

    private ShardHosts HostOf(ShardId shard)
    {
        var host = shards.HostOf(shard.Value);
        var index = shards.Map.Shards.TakeWhile(record => record.Shard != shard).Count();
        return new ShardHosts(host, shard.Value, index);
    }
}
