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

    /// <summary>Removes the documents of a projection in all shards that have it, and returns these shards.</summary>
    public async Task<IReadOnlyList<StoreProjections>> ClearAll(
        string collection, CancellationToken cancellationToken)
    {
        var stores = new List<StoreProjections>();
        foreach (var store in RequireAll())
        {
            if (await store.Contains(collection, cancellationToken).ConfigureAwait(false))
                stores.Add(store);
        }
        if (stores.Count == 0)
            throw new ProjectionNotFoundException(collection);
        await ShardHosts
            .Change(
                $"The rebuild of '{collection}'",
                [.. stores.Select(static store => store.Shard)],
                shard => Of(shard).StartRebuild(collection, cancellationToken))
            .ConfigureAwait(false);
        return stores;
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

    private StoreProjections Of(ShardHost shard) => new(shard, definitions);

    private Task<List<TResult>> Change<TResult>(
        string operation, IReadOnlyList<StoreProjections> stores, Func<StoreProjections, ValueTask<TResult>> change) =>
        ShardHosts.Change(
            operation,
            [.. stores.Select(static store => store.Shard)],
            shard => change(Of(shard)));
}
