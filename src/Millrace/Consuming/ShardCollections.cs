using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Finds the collection of a read model in each shard, for operations on all shards. The names can differ, because each
/// shard counts the builds of its read models itself.
/// </summary>
internal static class ShardCollections
{
    /// <summary>
    /// Returns the shards with the name that a collection, or a consumer, has in each of them. Leaves out shards
    /// without a collection of this role, for example without a build.
    /// </summary>
    /// <param name="name">The name in one of the shards.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotAcrossShardsException">The collection has other roles, or another version, in some
    /// shards.</exception>
    public static async ValueTask<IReadOnlyList<(ShardHost Shard, string Name)>> Find(
        string name, IReadOnlyList<ShardHost> shards, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var version = CollectionName.VersionOf(name);
        if (shards.Count == 1 || version == 0)
            return [.. shards.Select(shard => (shard, name))];
        var records = new List<ReadModelRecord?>(shards.Count);
        foreach (var shard in shards)
        {
            var catalog = shard.Host.Store.ReadModels;
            await catalog.Refresh(cancellationToken).ConfigureAwait(false);
            records.Add(catalog.Find(CollectionName.NameOf(name)));
        }
        var names = FindNames(name, version, records);
        return [.. shards.Zip(names).Where(static one => one.Second is not null).Select(static one =>
            (one.First, one.Second!))]; // Not null after the filter.
    }

    /// <summary>Changes a collection, or a consumer, in each of the shards.</summary>
    /// <exception cref="ShardsPartlyChangedException">The operation took effect only in some shards.</exception>
    public static Task Change(
        string operation,
        IReadOnlyList<(ShardHost Shard, string Name)> collections,
        Func<ShardHost, string, ValueTask> change) =>
        ShardHosts.Change(
            operation,
            [.. collections.Select(static one => one.Shard)],
            shard => change(shard, collections.First(one => one.Shard.Index == shard.Index).Name));

    private static IEnumerable<string?> FindNames(string name, int version, List<ReadModelRecord?> records)
    {
        Func<ReadModelRecord, string?>[] roles =
        [
            static record => record.Live,
            static record => record.Building,
            static record => record.Kept,
            record => record.Retired
                .FirstOrDefault(retired => CollectionName.VersionOf(retired.Name) == version)?.Name,
        ];
        var found = Array.FindAll(roles, role => records.Exists(record => record is not null && role(record) == name));
        if (found.Length == 0)
            return records.Select(_ => name); // It is not in the catalog, and has the same name in all shards.
        var names = records.ConvertAll(record => record is null ? name : found[0](record));
        if (found.Length == 1 && names.TrueForAll(one => one is null || CollectionName.VersionOf(one) == version))
            return names;
        throw new NotAcrossShardsException(
            $"'{name}' is not the same collection in all shards",
            "It is in use in some of them, and in others it is built, kept or of another version, such as during a "
                + "deployment or after a switch that failed: change it in each shard, with Shards.ProjectionsOf and "
                + "Shards.ConsumersOf, or in the store of the shard.");
    }
}
