using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>The status of a schedule, for operators.</summary>
[Description("A command that is sent at recurring times.")]
internal sealed record ScheduleView(
    [property: Description("The name of the schedule.")] string Name,
    [property: Description("The cron expression.")] string Cron,
    [property: Description("The id of the time zone of the cron expression.")] string TimeZone,
    [property: Description("True if it is paused.")] bool IsPaused,
    [property: Description("The time of the next run; absent while it is paused, or if no time is left.")]
        DateTimeOffset? Next,
    [property: Description("The scheduled time of the last run; absent before the first run.")]
    DateTimeOffset? LastTime,
    [property: Description("The time at which the last run took place; absent before the first run.")]
    DateTimeOffset? LastRunAt,
    [property: Description("The last error; absent if the last run succeeded.")] string? Error,
    [property: Description("What happens to times that were missed: once, skip or all.")] string Missed,
    [property: Description("What happens to times that are due during a run: skip or queue.")] string Overlapping,
    [property: Description("The command that a user set; absent if the code creates one for each time.")]
        string? Command,
    [property: Description("The members of the command.")] JsonObject? Body,
    [property: Description("The settings in the code; absent if the code does not define the schedule.")]
    ScheduleFormView? Code,
    [property: Description("True if it was added at run time, so that it runs without a definition in the code.")]
    bool IsAdded,
    [property: Description("True if a user removed it, so that it does not run although the code defines it.")]
        bool IsRemoved,
    [property: Description("The edit by a user; absent if it is as the code defines it.")]
        ScheduleDecisionView? Edited,
    [property: Description("The removal by a user; absent if it is not removed.")] ScheduleDecisionView? Removed,
    [property: Description("The next five times; absent in lists.")]
        IReadOnlyList<DateTimeOffset>? NextTimes = null,
    [property: Description("The history; absent in lists.")] IReadOnlyList<TimerEntryView>? History = null)
{
    public static ScheduleView Of(ScheduleInfo schedule) =>
        new(
            schedule.Name,
            schedule.Cron,
            schedule.TimeZone,
            schedule.IsPaused,
            schedule.Next,
            schedule.LastTime,
            schedule.LastRunAt,
            schedule.Error,
            WordOf(schedule.Missed),
            WordOf(schedule.Overlapping),
            schedule.Command,
            schedule.Body is { ValueKind: JsonValueKind.Object } body ? JsonObject.Create(body) : null,
            ScheduleFormView.Of(schedule.Code),
            schedule.IsAdded,
            schedule.IsRemoved,
            ScheduleDecisionView.Of(schedule.Edited),
            ScheduleDecisionView.Of(schedule.Removed));

    public static string WordOf(MissedRuns missed) => missed switch
    {
        MissedRuns.Skip => "skip",
        MissedRuns.All => "all",
        _ => "once",
    };

    public static string WordOf(OverlappingRuns overlapping) => overlapping == OverlappingRuns.Queue ? "queue" : "skip";
}

/// <summary>The settings of a schedule in the code.</summary>
[Description("The settings in the code.")]
internal sealed record ScheduleFormView(
    [property: Description("The cron expression.")] string Cron,
    [property: Description("The id of the time zone of the cron expression.")] string TimeZone,
    [property: Description("What happens to times that were missed.")] string Missed,
    [property: Description("What happens to times that are due during a run.")] string Overlapping)
{
    public static ScheduleFormView? Of(ScheduleForm? form) => form is null ? null
        : new(form.Cron, form.TimeZone, ScheduleView.WordOf(form.Missed), ScheduleView.WordOf(form.Overlapping));
}

/// <summary>A decision about a schedule that is in effect.</summary>
[Description("A decision that is in effect.")]
internal sealed record ScheduleDecisionView(
    [property: Description("The user that made it.")] string? By,
    [property: Description("Why.")] string? Reason,
    [property: Description("When.")] DateTimeOffset At)
{
    public static ScheduleDecisionView? Of(ScheduleDecision? decision) =>
        decision is null ? null : new(decision.By, decision.Reason, decision.At);
}
