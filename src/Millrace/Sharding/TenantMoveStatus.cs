namespace Millrace;

/// <summary>A move of a tenant that has not ended.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="From">The former shard.</param>
/// <param name="To">The new shard.</param>
/// <param name="Phase">The phase.</param>
/// <param name="StartedAt">The time at which the move started.</param>
public sealed record TenantMoveStatus(
    string Tenant, ShardId From, ShardId To, TenantMovePhase Phase, DateTimeOffset StartedAt);

/// <summary>The phases of a move of a tenant.</summary>
public enum TenantMovePhase
{
    /// <summary>The tenant is copied while it is used in its former shard.</summary>
    Copying,

    /// <summary>The tenant is in its new shard. Its data is removed from the former shard.</summary>
    CleaningUp,

    /// <summary>The move was cancelled. The tenant stays in its former shard, and the copy is removed.</summary>
    Cancelling,
}
