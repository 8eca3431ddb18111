namespace Millrace;

/// <summary>A run of the retention policies, or a plan of what a run would remove.</summary>
public sealed record RetentionRun
{
    /// <summary>Gets the id; empty for a plan.</summary>
    public string Id { get; init; } = "";

    /// <summary>Gets the user who started the run; <c>schedule</c> for a run at a scheduled time.</summary>
    public string By { get; init; } = "";

    /// <summary>Gets the time at which the run started. Data that has expired at this time is removed.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>
    /// Gets the time at which the run was completed or stopped; null for a plan, and for a run that has not ended.
    /// </summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets the user who stopped the run before it was completed; null if it was not stopped.</summary>
    public string? StoppedBy { get; init; }

    /// <summary>Gets the reason for which the run was stopped; null if it was not stopped.</summary>
    public string? StopReason { get; init; }

    /// <summary>Gets the result of each policy.</summary>
    public IReadOnlyList<RetentionResult> Results { get; init; } = [];

    /// <summary>
    /// Gets the places outside the reach of the run that can contain copies of removed data, such as backups.
    /// </summary>
    public IReadOnlyList<string> OutOfReach { get; init; } = [];

    /// <summary>Gets the number of removed events.</summary>
    public long Events => Results.Sum(result => result.Events);

    /// <summary>Gets the number of streams from which events were removed.</summary>
    public long Streams => Results.Sum(result => result.Streams);
}
