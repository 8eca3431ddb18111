using Millrace.Storage;

namespace Millrace;

/// <summary>What there is to tell operators of one tenant of a shared storage; what concerns the whole is refused.</summary>
internal sealed class TenantMaintenance(TenantId tenant, ILogStorage log, IMaintenanceStorage shared) : IMaintenanceStorage
{
    private const int PageStreams = 1_000;

    public async ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        var all = await shared.GetInfo(cancellationToken).ConfigureAwait(false);
        var removals = await log.ListRemovals(null, cancellationToken).ConfigureAwait(false);
        return new StoreInfo
        {
            Head = all.Head,
            Events = await log.Count(EventFilter.All, cancellationToken).ConfigureAwait(false),
            Streams = await CountStreams(cancellationToken).ConfigureAwait(false),
            SizeBytes = 0, // What it takes on disk cannot be told from what the others take.
            SchemaVersion = all.SchemaVersion,
            RemovedEvents = removals.Sum(record => record.Events),
            Details = [new("tenant", tenant.Value)],
        };
    }

    public ValueTask Backup(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw OfWhole("backed up");

    public ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw OfWhole("verified");

    public ValueTask<LogHead> BeginEpoch(CancellationToken cancellationToken) => throw OfWhole("given a new epoch");

    private StorageException OfWhole(string done) => new(
        $"The tenant '{tenant}' shares its database with others, and cannot be {done} alone. Do it with the whole store, as the tool "
        + "millrace does.",
        StorageProblem.Other);

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
