using Millrace.Retention;
using Millrace.Scheduling;

namespace Millrace;

/// <summary>
/// Options of regular archive runs. At least one of <see cref="InactiveFor"/> and <see cref="IncludesClosed"/> is
/// required.
/// </summary>
public sealed class ArchiveScheduleOptions
{
    /// <summary>
    /// Gets or sets the cron expression of the times at which one node archives; <c>0 3 * * *</c> by default.
    /// </summary>
    public string Schedule { get; set; } = "0 3 * * *";

    /// <summary>Gets or sets the time zone of <see cref="Schedule"/>; UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>
    /// Gets or sets the time since its last event after which a stream is archived; null by default. It is greater than
    /// zero.
    /// </summary>
    public TimeSpan? InactiveFor { get; set; }

    /// <summary>
    /// Gets or sets whether deleted and closed streams are archived whatever their age; false by default.
    /// </summary>
    public bool IncludesClosed { get; set; }

    /// <summary>
    /// Gets or sets the pattern of the names of streams, such as <c>order-*</c>; null, the default, for all names.
    /// </summary>
    public string? Streams { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (CronExpression.FindProblem(Schedule) is { } problem)
            yield return $"{nameof(Schedule)}: {problem}";
        if (InactiveFor is { } age && age <= TimeSpan.Zero)
            yield return $"{nameof(InactiveFor)}: must be greater than 0, but is {age}.";
        if (InactiveFor is null && !IncludesClosed)
            yield return $"{nameof(InactiveFor)}: is required, such as 365 days, unless {nameof(IncludesClosed)} is "
                + "set.";
    }

    /// <summary>Returns the selections of one run.</summary>
    internal IEnumerable<ArchiveSelection> SelectionsAt(DateTimeOffset now)
    {
        var selection = new ArchiveSelection { Streams = Streams, By = RetentionScheduler.User };
        if (InactiveFor is { } age)
            yield return selection with { InactiveSince = now - age };
        if (IncludesClosed)
            yield return selection with { IsClosed = true };
    }
}
