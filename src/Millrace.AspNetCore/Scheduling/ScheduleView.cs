using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore;

/// <summary>A schedule as operators see it.</summary>
[Description("A command that is sent again and again.")]
internal sealed record ScheduleView(
    [property: Description("Its name.")] string Name,
    [property: Description("When it recurs, as cron writes it.")] string Cron,
    [property: Description("The zone whose clock that is told by.")] string TimeZone,
    [property: Description("Whether it is paused.")] bool IsPaused,
    [property: Description("The time that it runs for next; absent while it is paused, or when none is left.")]
        DateTimeOffset? Next,
    [property: Description("The time that it ran for last; absent when it has not run.")] DateTimeOffset? LastTime,
    [property: Description("When it ran last; absent when it has not run.")] DateTimeOffset? LastRunAt,
    [property: Description("What went wrong last; absent when it went well.")] string? Error,
    [property: Description("What becomes of times that nobody ran: once, skip or all.")] string Missed,
    [property: Description("What becomes of times that come while it runs: skip or queue.")] string Overlapping,
    [property: Description("The command that a person gave it; absent where the code makes one for each time.")]
        string? Command,
    [property: Description("That command.")] JsonObject? Body,
    [property: Description("What the code says; absent where it has no such schedule.")] ScheduleFormView? Code,
    [property: Description("Whether it was added at run time, so that it runs without the code.")] bool IsAdded,
    [property: Description("Whether a person removed it, so that it does not run though the code has it.")]
        bool IsRemoved,
    [property: Description("Who had it be otherwise than the code says; absent where it is not.")]
        ScheduleDecisionView? Edited,
    [property: Description("Who removed it; absent where nobody did.")] ScheduleDecisionView? Removed,
    [property: Description("The next five times of its cron; absent in lists.")]
        IReadOnlyList<DateTimeOffset>? NextTimes = null,
    [property: Description("What happened to it; absent in lists.")] IReadOnlyList<TimerEntryView>? History = null)
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

/// <summary>What the code says of a schedule.</summary>
[Description("What the code says.")]
internal sealed record ScheduleFormView(
    [property: Description("When it recurs.")] string Cron,
    [property: Description("The zone whose clock that is told by.")] string TimeZone,
    [property: Description("What becomes of times that nobody ran.")] string Missed,
    [property: Description("What becomes of times that come while it runs.")] string Overlapping)
{
    public static ScheduleFormView? Of(ScheduleForm? form) => form is null ? null
        : new(form.Cron, form.TimeZone, ScheduleView.WordOf(form.Missed), ScheduleView.WordOf(form.Overlapping));
}

/// <summary>A decision about a schedule that still stands.</summary>
[Description("A decision that still stands.")]
internal sealed record ScheduleDecisionView(
    [property: Description("Who made it.")] string? By,
    [property: Description("Why.")] string? Reason,
    [property: Description("When.")] DateTimeOffset At)
{
    public static ScheduleDecisionView? Of(ScheduleDecision? decision) =>
        decision is null ? null : new(decision.By, decision.Reason, decision.At);
}
