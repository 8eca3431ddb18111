using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>Changes to a schedule, or the settings of a new one.</summary>
internal sealed record EditScheduleRequest(
    [property: Description("The cron expression; required for a new schedule.")] string? Cron = null,
    [property: Description("The id of the time zone of the cron expression; UTC by default for a new schedule.")]
        string? TimeZone = null,
    [property: Description("What happens to times that were missed: once, skip or all.")] string? Missed = null,
    [property: Description("What happens to times that are due during a run: skip or queue.")]
    string? Overlapping = null,
    [property: Description("The stable name of the command to send, the same for each time; required for a new "
        + "schedule.")]
    string? Command = null,
    [property: Description("The command, with all its members.")] JsonObject? Body = null,
    [property: Description("The reason, which is stored with the change.")] string? Reason = null);
