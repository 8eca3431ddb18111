using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>Moves tenants between shards.</summary>
internal interface ITenantMover
{
    /// <inheritdoc cref="Shards.MoveTenant"/>
    Task<TenantMoveReport> Move(
        string tenant, ShardId target, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken);

    /// <inheritdoc cref="Shards.CancelTenantMove"/>
    Task<bool> Cancel(string tenant, CancellationToken cancellationToken);
}
