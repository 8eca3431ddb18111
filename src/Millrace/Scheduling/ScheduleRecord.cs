namespace Millrace;

/// <summary>A schedule as it is stored.</summary>
internal sealed record ScheduleRecord
{
    /// <summary>When it acts next; null while it is paused, or when no time is left.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The time that it runs for next.</summary>
    public DateTimeOffset? Time { get; init; }

    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Whether it runs however late it is: a person asked for it, or the time fell within the run before.</summary>
    public bool MustRun { get; init; }

    public int Failures { get; init; }

    /// <summary>The time that it ran for last.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>When it ran last.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>What went wrong last; null when it went well.</summary>
    public string? Error { get; init; }
}
