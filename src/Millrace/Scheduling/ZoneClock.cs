namespace Millrace.Scheduling;

/// <summary>Finds the moments, in UTC, at which a time zone shows given local times.</summary>
internal readonly struct ZoneClock(TimeZoneInfo zone)
{
    private static readonly TimeSpan MaxOffset = TimeSpan.FromHours(15);

    /// <summary>
    /// Returns the next moment at which a local time is reached for the first time. A local time that the clock skips
    /// is reached at the first moment after the gap. A local time that the clock shows twice is reached once.
    /// </summary>
    /// <param name="after">The moment to search after, in UTC.</param>
    /// <param name="nextLocal">
    /// A function that returns the next local time after its first argument. If its second argument is true, it can
    /// also return the first argument itself.
    /// </param>
    public DateTime? NextLocalTime(DateTime after, Func<DateTime, bool, DateTime?> nextLocal)
    {
        var local = nextLocal(after + zone.GetUtcOffset(after), false);
        while (local is { } time)
        {
            var moment = FirstMomentOf(time);
            if (moment > after)
                return moment;
            local = nextLocal(time, false); // The clock was put back, so it shows this local time a second time.
        }
        return null;
    }

    /// <summary>
    /// Returns the next moment at which the clock shows a local time, even if the clock has shown that time before.
    /// Ignores a local time that the clock skips.
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
    private DateTime FirstMomentOf(DateTime local)
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

    /// <summary>
    /// Returns the first moment in a range at which the offset differs from the offset at its start. Returns null if
    /// the offset does not change.
    /// </summary>
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
