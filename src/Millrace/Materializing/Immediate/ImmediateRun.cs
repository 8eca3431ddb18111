namespace Millrace.Materializing.Immediate;

/// <summary>A run of a projection under a lease.</summary>
/// <param name="LogEpoch">The epoch of the log.</param>
/// <param name="LeaseEpoch">The lease epoch.</param>
/// <param name="Revision">The revision of the read model in the catalog.</param>
/// <param name="Checkpoint">The checkpoint with which the run starts; null if none is stored.</param>
internal sealed record ImmediateRun(long LogEpoch, long LeaseEpoch, long Revision, long? Checkpoint)
{
    /// <summary>Gets whether the catalog contains the collection.</summary>
    public bool IsListed { get; init; } = true;
}
