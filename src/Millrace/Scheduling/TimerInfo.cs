using System.Text.Json;

namespace Millrace;

/// <summary>A command that is to be sent at a time.</summary>
/// <param name="Key">Its handle, or the key of the application's own that it was set under.</param>
/// <param name="Command">The stable name of its command.</param>
/// <param name="Body">Its command, as JSON.</param>
/// <param name="Due">When its command is sent; null while it is held.</param>
/// <param name="SetAt">When it was set.</param>
/// <param name="By">Who set it; null when nobody said it.</param>
/// <param name="Failures">How often its command has failed.</param>
/// <param name="Error">What its last failure was; null when it has not failed.</param>
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
    /// <summary>Whether its command failed too often, so that a person has to run or cancel it.</summary>
    public bool IsHeld => Due is null;
}
