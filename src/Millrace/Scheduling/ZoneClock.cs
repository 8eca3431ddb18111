namespace Millrace;

/// <summary>Finds the moments, in UTC, at which a time zone shows given local times.</summary>
internal readonly struct ZoneClock(TimeZoneInfo zone)
{
    private static readonly TimeSpan MaxOffset = TimeSpan.FromHours(15);

    /// <summary>
    /// Returns the next moment at which a local time is reached for the first time. A local time that the clock skips
    /// is reached at the first moment after the gap. A local time that the clock shows twice is reached once.
    /// </summary>
    /// <param name="after">The moment to search after, in UTC.</param>
    /// <param name="nextLocal">Returns the next local time after its argument, or from it if the flag is set.</param>
    public DateTime? NextLocalTime(DateTime after, Func<DateTime, bool, DateTime?> nextLocal)
    {
        var local = nextLocal(after + zone.GetUtcOffset(after), false);
        while (local is { } time)
        {
            var moment = FirstInstantOf(time);
            if (moment > after)
                return moment;
            local = nextLocal(time, false); // The clock was put back: it shows this time again.
        }
        return null;
    }

    /// <summary>
    /// Returns the next moment at which the clock shows a local time, whether or not it has shown it before. A local
    /// time that the clock skips has no moment.
    /// </summary>
    /// <inheritdoc cref="NextLocalTime"/>
    public DateTime? NextByElapsedTime(DateTime after, Func<DateTime, bool, DateTime?> nextLocal)
    {
        var from = after;
        var isInclusive = false;
        while (true)
        {
            var offset = zone.GetUtcOffset(from);
            if (nextLocal(from + offset, isInclusive) is not { } local)
                return null;
            var moment = DateTime.SpecifyKind(local - offset, DateTimeKind.Utc);
            if (FindChange(from, moment) is not { } change)
                return moment;
            from = change;
            isInclusive = true;
        }
    }

    /// <summary>Returns the earliest moment at which the clock shows a local time or a later one.</summary>
    private DateTime FirstInstantOf(DateTime local)
    {
        var utc = DateTime.SpecifyKind(local, DateTimeKind.Utc);
        var before = utc - MaxOffset;
        var after = utc + MaxOffset;
        var moment = utc - zone.GetUtcOffset(before);
        if (FindChange(before, after) is not { } change || moment < change)
            return moment;
        var later = utc - zone.GetUtcOffset(after);
        return later > change ? later : change;
    }

    /// <summary>Returns the first moment at which the offset differs, in a range; null if there is none.</summary>
    private DateTime? FindChange(DateTime from, DateTime to)
    {
        var offset = zone.GetUtcOffset(from);
        for (var day = from; day < to;)
        {
            var next = to - day > TimeSpan.FromDays(1) ? day.AddDays(1) : to;
            if (zone.GetUtcOffset(next) != offset)
                return FindChange(day, next, offset);
            day = next;
        }
        return null;
    }

    private DateTime FindChange(DateTime before, DateTime after, TimeSpan offset)
    {
        while (after - before > TimeSpan.FromTicks(1))
        {
            var middle = before.AddTicks((after - before).Ticks / 2);
            if (zone.GetUtcOffset(middle) == offset)
                before = middle;
            else
                after = middle;
        }
        return after;
    }
}
