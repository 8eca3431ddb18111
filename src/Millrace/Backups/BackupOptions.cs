using Millrace.Scheduling;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>Options of the continuous backup.</summary>
public sealed class BackupOptions
{
    private const int LateIntervals = 10;
    private const long MinChangeBytes = 16L * 1024 * 1024;

    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(30);

    internal static readonly TimeSpan MinRetention = TimeSpan.FromHours(1);
    internal static readonly TimeSpan MaxRetention = TimeSpan.FromDays(36_500);

    /// <summary>Gets or sets the place of the backups. Required.</summary>
    public IObjectStorage? Place { get; set; }

    /// <summary>
    /// Gets or sets the interval at which new events are backed up; from 100 milliseconds to 1 hour, 1 second by
    /// default. After a loss of the database, at most the events of about two intervals are lost.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the interval at which the tables outside the log (read models, checkpoints, dead letters) are
    /// copied; from 1 minute to 30 days, 1 day by default. After a restore, read models continue from their last copy.
    /// </summary>
    public TimeSpan TableCopyInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Gets or sets the times at which the tables are copied, as a cron expression such as <c>0 3 * * *</c> for three
    /// o'clock; null, the default, to copy them at <see cref="TableCopyInterval"/>. A sixth field, the seconds, must be
    /// one number. A time at which no node ran is made up for at the next start. Of old copies, the last one in each
    /// period remains. New events are backed up at <see cref="Interval"/> either way.
    /// </summary>
    public string? TableCopySchedule { get; set; }

    /// <summary>Gets or sets the time zone of <see cref="TableCopySchedule"/>, UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>
    /// Gets or sets how long old copies of the tables, and earlier sets, are kept; from 1 hour to 36500 days, 30 days
    /// by default. Within this time, the store can be restored as of any position. The log of the current set is kept
    /// longer, but events that were removed from the store are removed from it after this time and a table copy.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Gets or sets the longest wait for an answer of the place; from 1 second to 1 hour, 1 minute by default. An
    /// operation that takes longer has failed, and is tried again.
    /// </summary>
    public TimeSpan PlaceTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the passphrase with which the backups are encrypted (AES-256-GCM), of at least 12 characters; null
    /// for no encryption, which is the default. Without the passphrase, nothing can be restored.
    /// </summary>
    public string? Passphrase { get; set; }

    /// <summary>
    /// Gets or sets the approximate maximum size in bytes of the changes outside the log that wait in the store for
    /// their backup; from 16 MiB, 1 GiB by default. A change counts at least 1 KiB. If the place fails for so long that
    /// they need more, they are dropped, and the tables are copied again when it is back.
    /// </summary>
    public long MaxChangeBytes { get; set; } = IChangeRecorder.DefaultMaxBytes;

    /// <summary>
    /// Gets or sets the log epoch in which this store continues the backups of the store from which it was restored;
    /// null, the default, if it does not. The refused backup and <c>millrace info</c> show the epoch. Another store
    /// that is restored later, after the first backup in this epoch, has a later epoch, and is refused. With a store
    /// for each tenant, the epochs differ: use <c>millrace backup DESTINATION --tenant ID --continue-backup</c>
    /// instead.
    /// </summary>
    public long? ContinuedEpoch { get; set; }

    /// <summary>Gets the time that events wait at most for a backup that is not late.</summary>
    internal TimeSpan MaxWaiting => UsualWait > LateIntervals * Interval ? UsualWait : LateIntervals * Interval;

    /// <summary>Returns the time of the next table copy after one at a time.</summary>
    internal DateTimeOffset NextCopyAfter(DateTimeOffset time) => TableCopySchedule is { } schedule
        ? CronExpression.Parse(schedule).NextAfter(time, TimeZone) ?? DateTimeOffset.MaxValue
        : time + TableCopyInterval;

    /// <summary>Returns the end of the interval of a time. Of old table copies, the last one in each remains.</summary>
    internal DateTimeOffset EndOfCopyInterval(DateTimeOffset time) => TableCopySchedule is null
        ? new DateTimeOffset(
            (time.UtcTicks / TableCopyInterval.Ticks * TableCopyInterval.Ticks) + TableCopyInterval.Ticks,
            TimeSpan.Zero)
        : NextCopyAfter(time);

    /// <summary>Returns the time between the next two table copies.</summary>
    internal TimeSpan CopyIntervalAt(DateTimeOffset time)
    {
        var next = NextCopyAfter(time);
        return next == DateTimeOffset.MaxValue ? TableCopyInterval : NextCopyAfter(next) - next;
    }

    internal BackupOptions Copy() => (BackupOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (Place is null)
            yield return "Place: is required, such as new DirectoryObjectStorage(\"/backups/shop\").";
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromHours(1))
            yield return $"Interval: must be from 100 milliseconds to 1 hour, but is {Interval}.";
        if (TableCopyInterval < TimeSpan.FromMinutes(1) || TableCopyInterval > TimeSpan.FromDays(30))
            yield return $"TableCopyInterval: must be from 1 minute to 30 days, but is {TableCopyInterval}.";
        if (TableCopySchedule is { } schedule && CronExpression.FindProblem(schedule) is { } problem)
            yield return $"TableCopySchedule: {problem}";
        else if (TableCopySchedule is { } often && !CronExpression.Parse(often).IsAtMostOncePerMinute)
            yield return $"TableCopySchedule: '{often}' occurs more than once in a minute. Use five fields, such as "
                + "'0 3 * * *', or one number for the seconds.";
        if (TimeZone is null)
            yield return "TimeZone: is required, such as TimeZoneInfo.Utc.";
        if (MaxChangeBytes < MinChangeBytes)
            yield return $"MaxChangeBytes: must be at least {MinChangeBytes}, but is {MaxChangeBytes}.";
        if (PlaceTimeout < TimeSpan.FromSeconds(1) || PlaceTimeout > TimeSpan.FromHours(1))
            yield return $"PlaceTimeout: must be from 1 second to 1 hour, but is {PlaceTimeout}.";
        if (Retention < MinRetention || Retention > MaxRetention)
            yield return $"Retention: must be from 1 hour to 36500 days, but is {Retention}.";
        if (Passphrase is { } text && text.Length < PassphraseMasterKey.MinLength)
            yield return $"Passphrase: must have at least {PassphraseMasterKey.MinLength} characters.";
    }
}
