using Millrace.Consuming;
using Millrace.Explaining;
using Millrace.Projecting;
using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// All shards of an application whose streams are distributed, for tools that have their stores open and run no
/// consumers. Thread-safe.
/// </summary>
public sealed class ShardTool : IAsyncDisposable
{
    private readonly ShardSet _set;
    private readonly ToolShards _shards;
    private readonly ShardedStorage _storage;

    private ShardTool(ShardSet set)
    {
        _set = set;
        _shards = new ToolShards(set);
        _storage = new ShardedStorage(_shards);
        Shards = new Shards(set, isTool: true);
    }

    /// <summary>Gets the map of the shards.</summary>
    public Shards Shards { get; }

    /// <summary>
    /// Gets the storage of an <see cref="EventStore"/> that reads and writes the streams of all shards. It does not
    /// close the stores.
    /// </summary>
    public IStorage Storage => _storage;

    /// <summary>
    /// Opens the shards of an application, and checks that each store is the shard whose name it has.
    /// </summary>
    /// <param name="stores">The open stores of all shards of the map; the first one is the home shard. They stay
    /// open.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardIdentityException">A store is another shard, the first store is not a home shard, or the
    /// shards contain tenants.</exception>
    /// <exception cref="ShardNotFoundException">The map does not contain a shard.</exception>
    /// <exception cref="ShardUnavailableException">The store of a shard of the map is missing.</exception>
    public static async ValueTask<ShardTool> Open(
        IReadOnlyList<(ShardId Shard, EventStore Store)> stores, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentOutOfRangeException.ThrowIfZero(stores.Count, nameof(stores));
        var set = await ToolShardSet
            .Open(
                stores,
                static placement => placement == ShardPlacement.Tenant
                    ? "it contains tenants, and each tenant is in one shard. Use the store of this shard."
                    : null,
                new ShardOptions(),
                cancellationToken)
            .ConfigureAwait(false);
        CheckNames(set.Map, stores);
        foreach (var shard in set.All)
        {
            await shard.Check(set.Map, cancellationToken).ConfigureAwait(false);
            shard.Require();
        }
        return new ShardTool(set);
    }

    /// <summary>
    /// Returns the shard of a stream. For a new stream, returns the shard in which it would begin now.
    /// </summary>
    public async ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken = default) =>
        await _storage.Placer.FindShard(stream, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Returns the name that a collection, or a consumer, has in each shard. Leaves out shards without a collection of
    /// this role, for example without a build. The names can differ, because each shard counts its builds itself.
    /// </summary>
    /// <param name="name">The name in one of the shards: <c>daily-sales@1.2</c>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotAcrossShardsException">The collection is not the same in all shards.</exception>
    public async ValueTask<IReadOnlyDictionary<ShardId, string>> FindNames(
        string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var found = await ShardCollections
            .Find(name, _shards.CreateHosts().RequireAll(), cancellationToken)
            .ConfigureAwait(false);
        // Shards have names.
        return found.ToDictionary(static one => new ShardId(one.Shard.Shard!), static one => one.Name);
    }

    /// <summary>Returns the consumers of all shards.</summary>
    public Consumers CreateConsumers() => new(_shards.CreateHosts());

    /// <summary>Returns the dead letters of all shards.</summary>
    /// <param name="model">The application's model, to simulate dead letters of its projections; null for none.</param>
    public DeadLetters CreateDeadLetters(ModelCatalog? model = null) => new(_shards.CreateHosts(host =>
    {
        if (model is not null)
            ProjectionSetup.AddConsumers(host, model.Projections);
    }));

    /// <summary>Returns the projections of all shards.</summary>
    public Projections CreateProjections() => new(_shards.CreateHosts(), []);

    /// <summary>Returns the explanations of values by the events of all shards.</summary>
    /// <param name="model">The application's model. The stores were opened with its event types.</param>
    /// <param name="tables">The projections into tables, which a model does not contain.</param>
    public Explanations CreateExplanations(ModelCatalog model, IReadOnlyList<SqlProjection> tables) => new(
        new ShardExplanations(
            _shards.CreateHosts(),
            async (stream, cancel) => (await FindShard(stream, cancel).ConfigureAwait(false)).Value,
            model,
            tables));

    /// <summary>Ends the use of the stores, which stay open.</summary>
    public ValueTask DisposeAsync() => _set.DisposeAsync();

    private static void CheckNames(ShardMap map, IReadOnlyList<(ShardId Shard, EventStore Store)> stores)
    {
        foreach (var (shard, _) in stores)
        {
            if (map.Find(shard) is null)
                throw new ShardNotFoundException(shard.Value, [.. map.Shards.Select(static one => one.Shard.Value)]);
        }
        foreach (var record in map.Shards)
        {
            if (stores.All(one => one.Shard != record.Shard))
                throw new ShardUnavailableException(record.Shard, $"its store was not named: {record.Store}.");
        }
    }
}
