using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>Adds up the information about all shards. All other operations are for the store of one shard.</summary>
internal sealed class ShardedMaintenance(IShardStores shards) : IMaintenanceStorage
{
    private const int MaxTypes = 100;

    public async ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        var all = await Task
            .WhenAll(shards.Map.Shards.Select(async one => (
                one.Shard,
                Info: await shards.StoreOf(one.Shard).GetInfo(cancellationToken).ConfigureAwait(false))))
            .ConfigureAwait(false);
        var types =
            from type in all.SelectMany(static one => one.Info.Types)
            group type.Events by type.Type into same
            let events = same.Sum()
            orderby events descending
            select new TypeCount(same.Key, events);
        return new StoreInfo
        {
            Head = all[0].Info.Head,
            Events = all.Sum(static one => one.Info.Events),
            Streams = all.Sum(static one => one.Info.Streams),
            SizeBytes = all.Sum(static one => one.Info.SizeBytes),
            SchemaVersion = all.Min(static one => one.Info.SchemaVersion),
            RemovedEvents = all.Sum(static one => one.Info.RemovedEvents),
            Types = [.. types.Take(MaxTypes)],
            Details =
            [
                .. all.Select(static one => KeyValuePair.Create(
                    $"shard {one.Shard}", $"{one.Info.Events:N0} events, {one.Info.Streams:N0} streams")),
            ],
        };
    }

    public ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw OneByOne("A backup cannot contain all shards");

    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw OneByOne("All shards cannot be verified together");

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) =>
        throw OneByOne("The shards have no common epoch");

    public ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        throw OneByOne("Data cannot be removed from all shards together");

    private static NotAcrossShardsException OneByOne(string operation) =>
        new(operation, "Take the store of each shard, one after the other.");
}
