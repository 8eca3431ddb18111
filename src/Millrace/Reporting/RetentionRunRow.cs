namespace Millrace.Reporting;

/// <summary>A run of the retention policies.</summary>
internal sealed record RetentionRunRow(string Id, string By, DateTimeOffset StartedAt)
{
    /// <summary>The time at which the run was completed or stopped; null if it runs or was interrupted.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The user who stopped the run before it was completed; null if it was not stopped.</summary>
    public string? StoppedBy { get; init; }

    public string? StopReason { get; init; }

    public long Streams { get; init; }

    public long Events { get; init; }

    public long Bytes { get; init; }

    public long Archives { get; init; }

    public long ErasedSubjects { get; init; }

    public long Kept { get; init; }

    public static RetentionRunRow Of(RetentionRun run) => new(run.Id, run.By, run.StartedAt)
    {
        EndedAt = run.EndedAt,
        StoppedBy = run.StoppedBy,
        StopReason = run.StopReason,
        Streams = run.Streams,
        Events = run.Events,
        Bytes = run.Results.Sum(result => result.Bytes),
        Archives = run.Results.Sum(result => result.Archives.Count),
        ErasedSubjects = run.Results.Sum(result => result.ErasedSubjects),
        Kept = run.Results.Sum(result => result.Kept.Sum(kept => kept.Count)),
    };
}
