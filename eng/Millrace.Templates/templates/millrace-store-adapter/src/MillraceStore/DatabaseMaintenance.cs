using Store1Space.Journal;

namespace Store1Space;

/// <summary>Provides information, backups and verification of the store.</summary>
/// <param name="store">The store in memory that does the work until you replace it.</param>
internal sealed class DatabaseMaintenance(JournaledMemory store) : IMaintenanceStorage
{
    public async ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        var info = await store.Read(memory => memory.Maintenance.GetInfo(cancellationToken), cancellationToken);
        var (path, bytes) = await store.GetFile(cancellationToken);
        return info with { SizeBytes = bytes, Details = [new("journal", path)] };
    }

    public async ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        if (File.Exists(destination))
            throw new StorageException(
                $"'{destination}' already exists, and a backup never overwrites a file.", StorageProblem.Other);
        try
        {
            await store.CopyTo(destination, progress, cancellationToken);
        }
        catch
        {
            File.Delete(destination);
            throw;
        }
    }

    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    ) => store.Read(memory => memory.Maintenance.Verify(progress, cancellationToken), cancellationToken);

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) =>
        store.Change(new EpochStarted(), cancellationToken);

    public async ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        await store.Change(new NamesForgotten(prefix), cancellationToken);
}
