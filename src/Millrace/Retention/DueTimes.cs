using Millrace.Scheduling;

namespace Millrace.Retention;

/// <summary>The times of a cron expression.</summary>
/// <param name="cron">The expression.</param>
/// <param name="zone">The time zone of the expression.</param>
/// <param name="time">The clock.</param>
internal sealed class DueTimes(CronExpression cron, TimeZoneInfo zone, TimeProvider time)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(1); // The clock may be adjusted in the meantime.

    /// <summary>Calls a function at each due time, one after the other.</summary>
    public async Task ForEach(Func<DateTimeOffset, Task> run, CancellationToken cancellationToken)
    {
        var after = time.GetUtcNow();
        while (cron.NextAfter(after, zone) is { } due)
        {
            while (due - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait < MaxWait ? wait : MaxWait, time, cancellationToken).ConfigureAwait(false);
            await run(due).ConfigureAwait(false);
            after = time.GetUtcNow() is var now && now > due ? now : due;
        }
    }

    /// <summary>Returns the last due time after a time, up to now; null if there is none.</summary>
    public DateTimeOffset? FindLast(DateTimeOffset after)
    {
        var now = time.GetUtcNow();
        var from = now;
        DateTimeOffset? due = null;
        for (var window = TimeSpan.FromMinutes(1); due is null && from > after; window *= 2)
        {
            from = now - after > window ? now - window : after;
            due = NextUpTo(from, now);
        }
        while (due is { } known && NextUpTo(known, now) is { } later)
            due = later;
        return due;
    }

    private DateTimeOffset? NextUpTo(DateTimeOffset after, DateTimeOffset now) =>
        cron.NextAfter(after, zone) is { } next && next <= now ? next : null;
}
