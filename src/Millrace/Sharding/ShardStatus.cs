namespace Millrace;

/// <summary>The status of a shard on this node.</summary>
public sealed record ShardStatus
{
    /// <summary>Gets the name of the shard.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>Gets the state.</summary>
    public required ShardState State { get; init; }

    /// <summary>Gets whether the shard contains the map and the assignments.</summary>
    public bool IsHome { get; init; }

    /// <summary>
    /// Gets the share of new keys, relative to the other shards; 0 if the shard takes no new keys.
    /// </summary>
    public int Weight { get; init; }

    /// <summary>Gets the reason why the shard cannot be used; null if it can be used.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the description of the store, without a password.</summary>
    public string? Store { get; init; }

    /// <summary>Gets the time at which the shard was added; null if the map does not contain it.</summary>
    public DateTimeOffset? AddedAt { get; init; }

    /// <summary>
    /// Gets the newest version of the map that the shard knows; null if the shard is not open on this node.
    /// </summary>
    public long? MapVersion { get; init; }

    /// <summary>Gets the last position of the shard's log; null if the shard is not open on this node.</summary>
    public long? Position { get; init; }

    /// <summary>
    /// Gets the number of tenants; null if the home shard cannot be read, or if the map places streams. Tenants that
    /// the home shard had before it became one are counted when the application has first used them.
    /// </summary>
    public long? Tenants { get; init; }

    /// <summary>
    /// Gets the running moves of tenants from or to this shard; empty if the home shard cannot be read.
    /// </summary>
    public IReadOnlyList<TenantMoveStatus> Moves { get; init; } = [];
}
