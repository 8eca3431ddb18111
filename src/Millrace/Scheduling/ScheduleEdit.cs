using System.Text.Json;

namespace Millrace;

/// <summary>What is to be otherwise about a schedule, or what a new one is like; what is null stays as it is.
/// Immutable.</summary>
public sealed record ScheduleEdit
{
    /// <summary>When it recurs, as <c>AddSchedule</c> takes it; a new one must have it.</summary>
    public string? Cron { get; init; }

    /// <summary>The id of the zone whose clock that is told by, such as <c>Europe/Berlin</c>; UTC for a new one by
    /// default.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What becomes of times at which nobody was there; a new one runs once for all of them by
    /// default.</summary>
    public MissedRuns? Missed { get; init; }

    /// <summary>What becomes of times that come while it still runs; a new one passes them over by default.</summary>
    public OverlappingRuns? Overlapping { get; init; }

    /// <summary>The stable name of the command to send, which is then the same for each time; a new one must have
    /// it.</summary>
    public string? Command { get; init; }

    /// <summary>
    /// The command to send, as JSON, with all its members. Null with another command that is named means one without
    /// members.
    /// </summary>
    public JsonElement? Body { get; init; }

    /// <summary>Who does it; recorded, and with a command noted as the user on its events.</summary>
    public string? By { get; init; }

    /// <summary>Why; recorded, null for nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Whose right to send the command is asked for before it is stored; null asks nobody. Without a command nobody is
    /// asked.
    /// </summary>
    public CommandAccess? Access { get; init; }

    /// <summary>Whether it says nothing that is to be otherwise.</summary>
    internal bool IsEmpty =>
        Cron is null && TimeZone is null && Missed is null && Overlapping is null && Command is null && Body is null;
}
