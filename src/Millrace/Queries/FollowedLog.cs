namespace Millrace.Queries;

/// <summary>What a node knows about invalidations in an epoch of the log.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Tags">The positions of the invalidations.</param>
/// <param name="Identity">The id of the oldest event, for the keys of the shared level; null for an empty log.</param>
internal sealed record FollowedLog(long Epoch, TagPositions Tags, string? Identity)
{
    /// <summary>Gets the number of the last removal of events. Removals have no position.</summary>
    public long LastRemoval { get; init; }

    /// <summary>Gets the number of removals that this node had committed when it read the last removal.</summary>
    public long OwnRemovals { get; init; }

    /// <summary>Gets the collections that queries read.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];
}
