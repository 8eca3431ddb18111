using System.Text.Json;

namespace Millrace;

/// <summary>Changes to a timer. A null member leaves the setting unchanged. Immutable.</summary>
public sealed record TimerEdit
{
    /// <summary>
    /// Gets the new time. Null keeps the time; a held timer then stays held. With a time, a held timer is tried again.
    /// </summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Gets the stable name of the new command; null to keep the command.</summary>
    public string? Command { get; init; }

    /// <summary>Gets the new command, as JSON with all its members; null to keep the command.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>
    /// Gets the user that makes the change; recorded. With a command it is also the user on the command's events.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Gets the reason; recorded. Null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Gets the access whose permission to send the command is checked before it is stored; null for no check. An edit
    /// without a command is not checked.
    /// </summary>
    public CommandAccess? Access { get; init; }
}
