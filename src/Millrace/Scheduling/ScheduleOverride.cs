using System.Text.Json;

namespace Millrace.Scheduling;

/// <summary>
/// A user's changes to a schedule. They override the code until they are reset. A null member follows the code,
/// including later versions of it.
/// </summary>
internal sealed record ScheduleOverride
{
    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public MissedRuns? Missed { get; init; }

    public OverlappingRuns? Overlapping { get; init; }

    /// <summary>The stable name of the command for each time; null if the code creates the command.</summary>
    public string? Command { get; init; }

    /// <summary>The command as JSON.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>
    /// The id of this edit of the command, which is part of the command ids; null if the code creates the command.
    /// </summary>
    public Guid? CommandId { get; init; }

    /// <summary>The user who set the command; null if the caller named none.</summary>
    public string? CommandBy { get; init; }

    /// <summary>The last decision.</summary>
    public required ScheduleDecision Decision { get; init; }

    /// <summary>Applies the changes to a form.</summary>
    public ScheduleForm Over(ScheduleForm form) => new(
        Cron ?? form.Cron, TimeZone ?? form.TimeZone, Missed ?? form.Missed, Overlapping ?? form.Overlapping);

    /// <summary>Adds the changes of an edit.</summary>
    public ScheduleOverride With(ScheduleEdit edit, DateTimeOffset now) => this with
    {
        Cron = edit.Cron ?? Cron,
        TimeZone = edit.TimeZone ?? TimeZone,
        Missed = edit.Missed ?? Missed,
        Overlapping = edit.Overlapping ?? Overlapping,
        Command = edit.Command ?? Command,
        Body = edit.Body ?? Body,
        Decision = new ScheduleDecision(edit.By, edit.Reason, now),
    };
}
