using System.Text.Json;

namespace Millrace;

/// <summary>
/// What a person decided about a schedule: it wins over the code until it is reset. What is null follows the code, also
/// one that comes later.
/// </summary>
internal sealed record ScheduleOverride
{
    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public MissedRuns? Missed { get; init; }

    public OverlappingRuns? Overlapping { get; init; }

    /// <summary>The stable name of the command for each time; null where the code makes it.</summary>
    public string? Command { get; init; }

    /// <summary>That command, as JSON.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Which setting of the command this is, and so a part of its ids; null where the code makes it.</summary>
    public Guid? CommandId { get; init; }

    /// <summary>Who had it send that command; null when nobody said it.</summary>
    public string? CommandBy { get; init; }

    /// <summary>Who decided it last, and why.</summary>
    public required ScheduleDecision Decision { get; init; }

    /// <summary>The form that it makes of another.</summary>
    public ScheduleForm Over(ScheduleForm form) => new(
        Cron ?? form.Cron, TimeZone ?? form.TimeZone, Missed ?? form.Missed, Overlapping ?? form.Overlapping);

    /// <summary>The same, and what an edit says besides.</summary>
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
