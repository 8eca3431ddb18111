namespace Millrace;

/// <summary>The last scheduled archive run of a store, as the store records it.</summary>
/// <param name="Due">The scheduled time.</param>
/// <param name="StartedAt">The time of the start.</param>
public sealed record ArchiveScheduledRun(DateTimeOffset Due, DateTimeOffset StartedAt)
{
    /// <summary>Gets the time of the end; null while the run is in progress, or if it was interrupted.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets the end of the last run that did not fail; null if there is none.</summary>
    public DateTimeOffset? LastSucceededAt { get; init; }

    /// <summary>Gets the number of events that were archived, also if the run failed later.</summary>
    public long Events { get; init; }

    /// <summary>Gets the number of segments that were written.</summary>
    public int Segments { get; init; }

    /// <summary>Gets the size of these segments.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Gets why the run failed; null if it did not. What it archived before remains archived.</summary>
    public string? Error { get; init; }
}
