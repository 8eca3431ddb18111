namespace Millrace.Storage.Moves;

/// <summary>Runs maintenance operations on the storage that the store currently uses.</summary>
internal sealed class MoveAwareMaintenance(MoveAwareStorage moveAware) : IMaintenanceStorage
{
    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) =>
        moveAware.Current.Maintenance.GetInfo(cancellationToken);

    public ValueTask<string?> GetIdentity(CancellationToken cancellationToken) =>
        moveAware.Current.Maintenance.GetIdentity(cancellationToken);

    public ValueTask Backup(
        string destination,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    ) => moveAware.Current.Maintenance.Backup(destination, progress, cancellationToken);

    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken) => moveAware.Current.Maintenance.Verify(progress, cancellationToken);

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) => moveAware.Execute(
        static (storage, _, cancel) => storage.Maintenance.StartEpoch(cancel), 0, cancellationToken);

    public async ValueTask RemoveByPrefix(
        string prefix, CancellationToken cancellationToken) => await moveAware.Execute(
        static async (storage, prefix, cancel) =>
        {
            await storage.Maintenance.RemoveByPrefix(prefix, cancel).ConfigureAwait(false);
            return true;
        },
        prefix,
        cancellationToken).ConfigureAwait(false);
}
