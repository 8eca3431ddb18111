namespace Millrace.Sharding;

/// <summary>The services of single shards, if the map places streams.</summary>
internal interface IShardServices
{
    /// <inheritdoc cref="Shards.FindShard"/>
    ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken);

    /// <inheritdoc cref="Shards.ConsumersOf"/>
    Consumers ConsumersOf(ShardId shard);

    /// <inheritdoc cref="Shards.DeadLettersOf"/>
    DeadLetters DeadLettersOf(ShardId shard);

    /// <inheritdoc cref="Shards.ProjectionsOf"/>
    Projections ProjectionsOf(ShardId shard);

    /// <inheritdoc cref="Shards.ExplanationsOf"/>
    Explanations ExplanationsOf(ShardId shard);
}
