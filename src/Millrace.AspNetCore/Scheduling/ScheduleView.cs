using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>A schedule as operators see it.</summary>
[Description("A command that is sent again and again.")]
internal sealed record ScheduleView(
    [property: Description("Its name.")] string Name,
    [property: Description("When it recurs, as cron writes it.")] string Cron,
    [property: Description("The zone whose clock that is told by.")] string TimeZone,
    [property: Description("Whether it is paused.")] bool IsPaused,
    [property: Description("The time that it runs for next; absent while it is paused, or when none is left.")] DateTimeOffset? Next,
    [property: Description("The time that it ran for last; absent when it has not run.")] DateTimeOffset? LastTime,
    [property: Description("When it ran last; absent when it has not run.")] DateTimeOffset? LastRunAt,
    [property: Description("What went wrong last; absent when it went well.")] string? Error,
    [property: Description("The next five times of its cron; absent in lists.")] IReadOnlyList<DateTimeOffset>? NextTimes = null,
    [property: Description("What happened to it; absent in lists.")] IReadOnlyList<TimerEntryView>? History = null)
{
    public static ScheduleView Of(ScheduleInfo schedule) => new(
        schedule.Name, schedule.Cron, schedule.TimeZone, schedule.IsPaused, schedule.Next, schedule.LastTime, schedule.LastRunAt,
        schedule.Error);
}
