using Millrace.Storage;

namespace Store1Space;

/// <summary>Information, backup and verification.</summary>
/// <param name="memory">What it hands on to until it is made real.</param>
internal sealed class DatabaseMaintenance(IMaintenanceStorage memory) : IMaintenanceStorage
{
    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) =>
        memory.GetInfo(cancellationToken);

    public ValueTask Backup(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        memory.Backup(destination, progress, cancellationToken);

    public ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        memory.Verify(progress, cancellationToken);

    public ValueTask<LogHead> BeginEpoch(CancellationToken cancellationToken) =>
        memory.BeginEpoch(cancellationToken);
}
