using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Tenancy.Shared;

/// <summary>Maintenance of one tenant in a shared storage. Operations on the whole storage are refused.</summary>
internal sealed class TenantMaintenance(
    TenantId tenant, TenantNames names, ILogStorage log, IMaintenanceStorage shared) : IMaintenanceStorage
{
    private const int PageStreams = 1_000;
    private const int PageEvents = 1_000;
    private const int MaxTypes = 100;

    public async ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        var all = await shared.GetInfo(cancellationToken).ConfigureAwait(false);
        var removals = await log.ListRemovals(null, cancellationToken).ConfigureAwait(false);
        var types = await CountTypes(cancellationToken).ConfigureAwait(false);
        return new StoreInfo
        {
            Head = all.Head,
            Events = types.Values.Sum(),
            Streams = await CountStreams(cancellationToken).ConfigureAwait(false),
            SizeBytes = 0, // The size of one tenant is not known.
            SchemaVersion = all.SchemaVersion,
            RemovedEvents = removals.Sum(record => record.Events),
            Types =
            [
                .. types
                    .OrderByDescending(type => type.Value)
                    .ThenBy(type => type.Key, CodePointOrder.Instance)
                    .Take(MaxTypes)
                    .Select(type => new TypeCount(type.Key, type.Value)),
            ],
            Details = [new("tenant", tenant.Value)],
        };
    }

    public ValueTask<string?> GetIdentity(CancellationToken cancellationToken) => shared.GetIdentity(cancellationToken);

    public ValueTask Backup(
        string destination,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken) => throw NotPerTenant("backed up");

    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken) => throw NotPerTenant("verified");

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) =>
        throw NotPerTenant("given a new epoch");

    public ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        shared.RemoveByPrefix(names.ToStored(prefix), cancellationToken);

    private StorageException NotPerTenant(string action) =>
        new(
            $"The tenant '{tenant}' shares its database with others, and cannot be {action} alone. Use the whole "
                + "store, as the tool millrace does.",
            StorageProblem.Other);

    private async ValueTask<Dictionary<string, long>> CountTypes(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var next = 1L;
        var isEnd = false;
        while (!isEnd)
        {
            var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, PageEvents) { IsBrief = true };
            var page = await log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
                counts[recorded.Type] = counts.GetValueOrDefault(recorded.Type) + 1;
            next = page.Next;
            isEnd = page.IsEnd;
        }
        return counts;
    }

    private async ValueTask<long> CountStreams(CancellationToken cancellationToken)
    {
        var count = 0L;
        string? after = null;
        while (true)
        {
            var page = await log.ListStreams("", after, PageStreams, cancellationToken).ConfigureAwait(false);
            count += page.Count;
            if (page.Count < PageStreams)
                return count;
            after = page[^1].Stream.Value;
        }
    }
}
