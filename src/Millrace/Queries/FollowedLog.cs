namespace Millrace.Queries;

/// <summary>What a node knows about invalidations in an epoch of the log.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Tags">The positions of the invalidations.</param>
/// <param name="Identity">The id of the oldest event, for the keys of the shared level; null for an empty log.</param>
internal sealed record FollowedLog(long Epoch, TagPositions Tags, string? Identity)
{
    /// <summary>Gets the live collections of the read models, in one text; null before they are known.</summary>
    public string? Collections { get; init; }
}
