using System.Text.Json;

namespace Millrace;

/// <summary>
/// Changes to a schedule, or the settings of a new one. A null member leaves the setting unchanged. Immutable.
/// </summary>
public sealed record ScheduleEdit
{
    /// <summary>Gets the cron expression, in the format of <c>AddSchedule</c>; required for a new schedule.</summary>
    public string? Cron { get; init; }

    /// <summary>
    /// Gets the id of the time zone, such as <c>Europe/Berlin</c>; the default for a new schedule is UTC.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>Gets the action for missed times. By default a new schedule runs once for all of them.</summary>
    public MissedRuns? Missed { get; init; }

    /// <summary>Gets the action for times that are due during a run. By default a new schedule skips them.</summary>
    public OverlappingRuns? Overlapping { get; init; }

    /// <summary>Gets the stable name of the command to send each time; required for a new schedule.</summary>
    public string? Command { get; init; }

    /// <summary>
    /// Gets the command to send, as JSON with all its members. If <see cref="Command"/> is set and this is null, the
    /// command has no members.
    /// </summary>
    public JsonElement? Body { get; init; }

    /// <summary>
    /// Gets the user that makes the change. The name is stored with the change. If the edit sets a command, the events
    /// of that command also have this user.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Gets the reason, which is stored with the change; null for no reason.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Gets the access that must have the permission to send the command, which is checked before the command is
    /// stored; null for no check. An edit without a command is not checked.
    /// </summary>
    public CommandAccess? Access { get; init; }

    /// <summary>Gets whether the edit changes nothing.</summary>
    internal bool IsEmpty =>
        Cron is null && TimeZone is null && Missed is null && Overlapping is null && Command is null && Body is null;
}
