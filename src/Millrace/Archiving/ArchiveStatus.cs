namespace Millrace;

/// <summary>How this node reads and writes the archive since its start.</summary>
public sealed record ArchiveStatus
{
    /// <summary>Gets the number of segments that were read from the place.</summary>
    public required long SegmentReads { get; init; }

    /// <summary>Gets the number of archived events whose segment was in memory.</summary>
    public required long CacheHits { get; init; }

    /// <summary>Gets the number of segments that could not be read.</summary>
    public required long ReadFailures { get; init; }

    /// <summary>Gets why the last segment could not be read; null if it was read.</summary>
    public string? ReadError { get; init; }

    /// <summary>
    /// Gets the last scheduled run of any node, as this node read it in the last minute; null if there is none, or the
    /// node has no schedule.
    /// </summary>
    public ArchiveScheduledRun? LastRun { get; init; }

    /// <summary>Gets whether the archive needs attention: the last read or the last scheduled run failed.</summary>
    public bool IsFailing => ReadError is not null || LastRun?.Error is not null;
}
