using Millrace.ProcessManagers;

namespace Millrace.Hosting;

/// <summary>The shards of the instances of processes.</summary>
/// <param name="shards">The shards.</param>
/// <param name="instances">The store that finds the shard of each stream.</param>
internal sealed class ProcessShards(StreamShards shards, EventStore instances) : IProcessShards
{
    // The index of the shard in the map is above the position. The map keeps the order of its shards.
    private const int PositionBits = 52;

    public EventStore Instances { get; } = instances;

    public long NumberOf(EventStore store, long position)
    {
        var all = shards.Map.Shards;
        for (var index = 0; index < all.Count; index++)
        {
            if (shards.IsStoreOf(all[index].Shard, store))
                return ((long)index << PositionBits) | position;
        }
        throw new InvalidOperationException($"{store.Description} is not a shard of the map.");
    }

    public ValueTask<RecordedEvent?> FindAt(long number, CancellationToken cancellationToken)
    {
        var shard = shards.Map.Shards[(int)(number >> PositionBits)].Shard;
        var position = number & ((1L << PositionBits) - 1);
        return shards.StoreOf(shard).Reader.FindAt(position, cancellationToken);
    }
}
