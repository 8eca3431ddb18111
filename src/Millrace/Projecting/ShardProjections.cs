using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>The projections of all stores, and the changes that affect all of them.</summary>
/// <param name="hosts">The consumers of the stores.</param>
/// <param name="definitions">The projections of the application.</param>
internal sealed class ShardProjections(ShardHosts hosts, IReadOnlyList<ProjectionDefinition> definitions)
{
    /// <summary>Returns the stores of the shards that are available.</summary>
    public IReadOnlyList<StoreProjections> ListAvailable() =>
        [.. hosts.ListAvailable().Select(Of)];

    /// <summary>Returns all stores.</summary>
    /// <exception cref="ShardUnavailableException">A shard is not available.</exception>
    public IReadOnlyList<StoreProjections> RequireAll() =>
        [.. hosts.RequireAll().Select(Of)];

    /// <summary>
    /// Removes the documents of a projection in all shards that have it. Returns these shards with the name of its
    /// collection in each.
    /// </summary>
    /// <exception cref="NotAcrossShardsException">The collection is not the same in all shards.</exception>
    public async Task<IReadOnlyList<(StoreProjections Store, string Collection)>> ClearAll(
        string collection, CancellationToken cancellationToken)
    {
        var shards = new List<(ShardHost Shard, string Name)>();
        foreach (var one in await FindAll(collection, cancellationToken).ConfigureAwait(false))
        {
            if (await Of(one.Shard).Contains(one.Name, cancellationToken).ConfigureAwait(false))
                shards.Add(one);
        }
        if (shards.Count == 0)
            throw new ProjectionNotFoundException(collection);
        await ShardCollections
            .Change(
                $"The rebuild of '{collection}'",
                shards,
                (shard, own) => Of(shard).StartRebuild(own, cancellationToken))
            .ConfigureAwait(false);
        return [.. shards.Select(one => (Of(one.Shard), one.Name))];
    }

    /// <summary>Returns all shards with a collection, with the name that it has in each.</summary>
    /// <exception cref="NotAcrossShardsException">The collection is not the same in all shards.</exception>
    public async Task<IReadOnlyList<(StoreProjections Store, string Collection)>> RequireAll(
        string collection, CancellationToken cancellationToken)
    {
        var shards = await FindAll(collection, cancellationToken).ConfigureAwait(false);
        return [.. shards.Select(one => (Of(one.Shard), one.Name))];
    }

    /// <summary>Switches back in all shards in which a collection is kept.</summary>
    /// <exception cref="NotAcrossShardsException">Some shards use the newer collection, and others the older
    /// one.</exception>
    public async Task SwitchBack(
        string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken)
    {
        var directions = new HashSet<bool>();
        foreach (var store in RequireAll())
        {
            var record = await store.Rebuilds.Get(name, cancellationToken).ConfigureAwait(false);
            if (record.Kept is { } kept)
                directions.Add(CollectionName.IsNewer(record.Live, kept));
        }
        if (directions.Count > 1)
        {
            throw new NotAcrossShardsException(
                $"'{name}' cannot be switched back in all shards",
                "Some of them use the newer collection, and others the older one, such as after a switch that failed: "
                    + "switch it in each shard, with Shards.ProjectionsOf or in the store of the shard.");
        }
        await ChangeAll(
                $"The switch back of '{name}'",
                name,
                static record => record.Kept,
                async store =>
                {
                    await store.Rebuilds
                        .SwitchBack(name, wait, evenWithDeadLetters, cancellationToken)
                        .ConfigureAwait(false);
                    return null;
                },
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Starts a build in all shards, and returns its collections.</summary>
    public async Task<(IReadOnlyList<StoreProjections> Stores, IReadOnlyList<string> Builds)> StartAll(
        string name, BuildSwitch switchWhen, CancellationToken cancellationToken)
    {
        var stores = RequireAll();
        foreach (var store in stores) // A shard without the read model is reported before anything is changed.
            await store.Rebuilds.Get(name, cancellationToken).ConfigureAwait(false);
        var builds = await Change(
                $"The start of the rebuild of '{name}'",
                stores,
                store => store.Rebuilds.Start(name, switchWhen, cancellationToken))
            .ConfigureAwait(false);
        return (stores, builds);
    }

    /// <summary>
    /// Drops the build of a read model in all shards. If no shard has one, drops the kept collections.
    /// </summary>
    public async ValueTask<string?> DropSpares(string name, CancellationToken cancellationToken)
    {
        var stores = RequireAll();
        if (stores is [var single])
            return await single.Rebuilds.Drop(name, RebuildService.Spare, cancellationToken).ConfigureAwait(false);
        var hasBuild = false;
        foreach (var store in stores)
            hasBuild |= (await store.Rebuilds.Get(name, cancellationToken).ConfigureAwait(false)).Building is not null;
        return await DropAll(
                name,
                hasBuild ? static record => record.Building : static record => record.Kept,
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Drops a collection of a read model in all shards. Returns the name of the first one.</summary>
    public async ValueTask<string?> DropAll(
        string name, Func<ReadModelRecord, string?> select, CancellationToken cancellationToken)
    {
        var dropped = await ChangeAll(
                $"The removal of a collection of '{name}'",
                name,
                select,
                store => store.Rebuilds.Drop(name, select, cancellationToken),
                cancellationToken)
            .ConfigureAwait(false);
        return dropped.Find(static one => one is not null);
    }

    /// <summary>
    /// Changes a read model in the shards that have the collection to change. A repetition after a failure therefore
    /// continues in the other shards. If no shard has it, the operation reports this for the home shard.
    /// </summary>
    public async Task<List<string?>> ChangeAll(
        string operation,
        string name,
        Func<ReadModelRecord, string?> select,
        Func<StoreProjections, ValueTask<string?>> change,
        CancellationToken cancellationToken)
    {
        var all = RequireAll();
        var stores = new List<StoreProjections>();
        foreach (var store in all)
        {
            if (select(await store.Rebuilds.Get(name, cancellationToken).ConfigureAwait(false)) is not null)
                stores.Add(store);
        }
        return await Change(operation, stores.Count > 0 ? stores : [all[0]], change).ConfigureAwait(false);
    }

    private ValueTask<IReadOnlyList<(ShardHost Shard, string Name)>> FindAll(
        string collection, CancellationToken cancellationToken) =>
        ShardCollections.Find(collection, hosts.RequireAll(), cancellationToken);

    private StoreProjections Of(ShardHost shard) => new(shard, definitions);

    private Task<List<TResult>> Change<TResult>(
        string operation, IReadOnlyList<StoreProjections> stores, Func<StoreProjections, ValueTask<TResult>> change) =>
        ShardHosts.Change(
            operation,
            [.. stores.Select(static store => store.Shard)],
            shard => change(Of(shard)));
}
