using Microsoft.Extensions.DependencyInjection;
using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace;

/// <summary>Configures the shards of an application.</summary>
public sealed class ShardsBuilder
{
    private readonly IServiceCollection _services;
    private readonly List<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> _shards = [];

    internal ShardsBuilder(IServiceCollection services) => _services = services;

    /// <summary>What the map places; null if it was not chosen.</summary>
    internal ShardPlacement? Placement { get; private set; }

    internal IReadOnlyList<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> Shards => _shards;

    /// <summary>
    /// Adds a shard. The first shard is the home shard, which contains the map of shards, and only this store may
    /// already contain events.
    /// </summary>
    /// <param name="name">The name, which never changes: see <see cref="ShardId"/>.</param>
    /// <param name="storage">Chooses the storage, such as <c>store => store.UsePostgreSql(…)</c>. Other settings are
    /// ignored.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    /// <exception cref="ArgumentException">Another shard has the name.</exception>
    /// <exception cref="InvalidOperationException">No storage was chosen, or one for each tenant.</exception>
    public ShardsBuilder Add(string name, Action<MillraceBuilder> storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        var shard = new ShardId(name);
        if (_shards.Exists(one => one.Shard == shard))
            throw new ArgumentException($"Two shards have the name '{name}': give one of them another.", nameof(name));
        var chosen = new MillraceBuilder(_services);
        storage(chosen);
        if (chosen.TenantStorage is not null)
        {
            throw new InvalidOperationException(
                $"The shard '{name}' has a store for each tenant. Choose one store, which the tenants of the shard "
                    + "share: a name without {tenant}.");
        }
        if (chosen.Storage is not { } create)
            throw new InvalidOperationException($"Choose the storage of the shard '{name}', such as UseSqlite.");
        _shards.Add((shard, create));
        return this;
    }

    /// <summary>
    /// Distributes tenants over the shards (<see cref="Tenants"/>). All data of a tenant is in one shard.
    /// </summary>
    public ShardsBuilder PlaceByTenant()
    {
        Placement = ShardPlacement.Tenant;
        return this;
    }

    /// <summary>
    /// Distributes streams over the shards, by their names. A stream stays in the shard where it began, so a shard that
    /// is added takes only new streams. The application uses the same services as with one store.
    /// </summary>
    /// <remarks>
    /// A commit writes to streams of one shard: see <see cref="StreamsOnSeveralShardsException"/>. Each shard has its
    /// own log, consumers and documents.
    /// </remarks>
    public ShardsBuilder PlaceByStream()
    {
        Placement = ShardPlacement.Stream;
        return this;
    }

    /// <summary>
    /// Distributes streams over the shards, by the time of their first event. All new streams are in the shard that was
    /// added last, and a stream stays in its shard.
    /// </summary>
    /// <inheritdoc cref="PlaceByStream"/>
    public ShardsBuilder PlaceByTime()
    {
        Placement = ShardPlacement.Time;
        return this;
    }

    /// <summary>Sets the options of shards. The configuration section <c>Millrace:Shards</c> overrides them.</summary>
    public ShardsBuilder Configure(Action<ShardOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _services.Configure(configure);
        return this;
    }
}
