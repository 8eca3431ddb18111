namespace Millrace;

/// <summary>The result of a move of a tenant.</summary>
public sealed record TenantMoveReport
{
    /// <summary>Gets the tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Gets the former shard.</summary>
    public required ShardId From { get; init; }

    /// <summary>Gets the new shard.</summary>
    public required ShardId To { get; init; }

    /// <summary>
    /// Gets the number of events in the new shard; 0 if an earlier call had already switched to it, and this call only
    /// removed the data from the former shard.
    /// </summary>
    public long Events { get; init; }

    /// <summary>
    /// Gets the number of documents in the new shard; 0 if an earlier call had already switched to it.
    /// </summary>
    public long Documents { get; init; }

    /// <summary>
    /// Gets the time during which the tenant was not available; zero if an earlier call had already switched to the new
    /// shard.
    /// </summary>
    public TimeSpan Pause { get; init; }
}
