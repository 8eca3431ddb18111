using Millrace.Hosting;
using Millrace.Sharding;

namespace Millrace;

/// <summary>Extension methods that distribute an application over several stores.</summary>
public static class MillraceShardExtensions
{
    /// <summary>
    /// Distributes the application over several stores (shards), each with its own log, consumers and read models.
    /// Registers <see cref="Shards"/>.
    /// </summary>
    /// <remarks>
    /// At the first start, all shards must be available, and the map gets all of them. Later shards are added with
    /// <see cref="Shards"/> or <c>millrace shards add</c>, when the configuration of all nodes contains them.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Adds the shards and chooses what is placed: <c>shards => shards.Add("eu-1", store =>
    /// store.UsePostgreSql(…)).Add("eu-2", …).PlaceByTenant()</c>.</param>
    /// <exception cref="InvalidOperationException">No shard was added, or the placement was not chosen.</exception>
    public static MillraceBuilder UseShards(this MillraceBuilder millrace, Action<ShardsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var shards = new ShardsBuilder(millrace.Services);
        configure(shards);
        if (shards.Shards.Count == 0)
            throw new InvalidOperationException("Add at least one shard in UseShards.");
        ShardRegistration.AddOptions(millrace.Services);
        return shards.Placement switch
        {
            ShardPlacement.Tenant => ShardRegistration.PlaceByTenant(millrace, shards.Shards),
            { } placement => StreamShardRegistration.Place(millrace, placement, shards.Shards),
            null => throw new InvalidOperationException(
                "Choose what the shards contain: call PlaceByTenant, PlaceByStream or PlaceByTime."),
        };
    }
}
