namespace Millrace.Sharding;

/// <summary>The record of a running move of a tenant, in the home shard.</summary>
/// <param name="From">The shard that contains the tenant when the move starts.</param>
/// <param name="To">The shard to which the tenant moves.</param>
/// <param name="FromGeneration">The generation of the stored names in the former shard.</param>
/// <param name="Generation">The generation of the stored names in the new shard.</param>
/// <param name="Phase">The phase.</param>
/// <param name="StartedAt">The time at which the move started.</param>
internal sealed record TenantMoveRecord(
    ShardId From,
    ShardId To,
    int FromGeneration,
    int Generation,
    TenantMovePhase Phase,
    DateTimeOffset StartedAt)
{
    /// <summary>
    /// Gets the number of the last call or node that took over the move. Each one increases the number. It may continue
    /// only while the record is as it has written it.
    /// </summary>
    public long Run { get; init; }

    /// <summary>Gets the maximum time during which the tenant is not available.</summary>
    public TimeSpan MaxPause { get; init; }

    /// <summary>Returns the move as the public API shows it.</summary>
    public TenantMoveStatus ToStatus(string tenant) => new(tenant, From, To, Phase, StartedAt);
}
