namespace Millrace;

/// <summary>
/// Thrown when a sender uses an idempotency key again for a command with other contents. The command wrote nothing.
/// </summary>
public sealed class IdempotencyKeyReusedException(string command, string key)
    : MillraceException(
        $"The idempotency key '{key}' was used before for a '{command}' with other contents. "
        + "Use a different key for every command.")
{
    /// <summary>Gets the name of the command.</summary>
    public string Command { get; } = command;

    /// <summary>Gets the key.</summary>
    public string Key { get; } = key;
}
