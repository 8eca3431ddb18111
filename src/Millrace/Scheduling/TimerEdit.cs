using System.Text.Json;

namespace Millrace;

/// <summary>Changes to a timer. A null member leaves the setting unchanged. Immutable.</summary>
public sealed record TimerEdit
{
    /// <summary>
    /// Gets the new time; null to keep the time. With a new time, a held timer is retried. Without one, it remains
    /// held.
    /// </summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Gets the stable name of the new command; null to keep the command.</summary>
    public string? Command { get; init; }

    /// <summary>Gets the new command, as JSON with all its members; null to keep the command.</summary>
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
}
