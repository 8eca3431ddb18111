namespace Millrace.Storage.Archives;

/// <summary>The maintenance of a store with an archive.</summary>
internal sealed class ArchivedMaintenance(IStorage inner, ArchiveAccess? access) : IMaintenanceStorage
{
    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) =>
        inner.Maintenance.GetInfo(cancellationToken);

    public ValueTask<string?> GetIdentity(CancellationToken cancellationToken) =>
        inner.Maintenance.GetIdentity(cancellationToken);

    public ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        inner.Maintenance.Backup(destination, progress, cancellationToken);

    /// <summary>Verifies the store, and that each archived event is in its segment.</summary>
    public async ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await inner.Maintenance.Verify(progress, cancellationToken).ConfigureAwait(false);
        var index = new ArchiveIndex(inner.Documents);
        if (access is null || await index.FindHeader(cancellationToken).ConfigureAwait(false) is not { } header)
            return report;
        var segments = new SegmentStorage(access.Format, access.Open(header));
        var result = await new ArchiveVerification(inner, index, segments, access.CacheBytes)
            .Run(progress, cancellationToken)
            .ConfigureAwait(false);
        return report with
        {
            Checks =
            [
                .. report.Checks,
                new VerifyCheck(
                    "Each archived event is in its segment, whose checksum is correct.",
                    result.Events,
                    result.Problems),
            ],
            NotChecked = result.PlaceProblem is { } problem
                ? [.. report.NotChecked, $"The archive: {problem}"]
                : report.NotChecked,
        };
    }

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) =>
        inner.Maintenance.StartEpoch(cancellationToken);

    public ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        inner.Maintenance.RemoveByPrefix(prefix, cancellationToken);
}
