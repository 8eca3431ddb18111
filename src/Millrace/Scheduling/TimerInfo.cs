using System.Text.Json;

namespace Millrace;

/// <summary>A command that the application sends at a set time.</summary>
/// <param name="Key">The generated handle, or the key that the application chose.</param>
/// <param name="Command">The stable name of the command.</param>
/// <param name="Body">The command, as JSON.</param>
/// <param name="Due">The time at which the command is sent; null while the timer is held.</param>
/// <param name="SetAt">The time at which the timer was set.</param>
/// <param name="By">The user who set the timer; null if the caller named none.</param>
/// <param name="Failures">The number of times the command has failed.</param>
/// <param name="Error">The last error; null if the command has not failed.</param>
public sealed record TimerInfo(
    string Key,
    string Command,
    JsonElement Body,
    DateTimeOffset? Due,
    DateTimeOffset SetAt,
    string? By,
    int Failures,
    string? Error)
{
    /// <summary>
    /// Gets whether the timer is held, because its command failed permanently or too often. A user must run, move, edit
    /// or cancel the timer.
    /// </summary>
    public bool IsHeld => Due is null;
}
