using Millrace.Sharding;

namespace Millrace.Hosting;

/// <summary>Creates the services of single shards.</summary>
internal sealed class ShardServices(
    StreamShards shards, ModelCatalog model, IReadOnlyList<SqlProjection> tables) : IShardServices
{
    public async ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken) =>
        (await shards.Storage.Placer.Find(stream, cancellationToken).ConfigureAwait(false)).Shard;

    public Consumers ConsumersOf(ShardId shard) => new(shards.HostOf(shard.Value));

    public DeadLetters DeadLettersOf(ShardId shard) => new(shards.HostOf(shard.Value));

    public Projections ProjectionsOf(ShardId shard) => new(shards.HostOf(shard.Value), model.Projections);

    public Explanations ExplanationsOf(ShardId shard) => new(shards.HostOf(shard.Value), model, tables);
}
