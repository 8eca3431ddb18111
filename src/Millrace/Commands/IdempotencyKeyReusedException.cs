namespace Millrace;

/// <summary>An idempotency key was used again for a command with other contents. Nothing was written.</summary>
public sealed class IdempotencyKeyReusedException(string command, string key)
    : MillraceException(
        $"The idempotency key '{key}' was used before for a '{command}' with other contents. Give every command a key "
            + $"of its own."
    )
{
    /// <summary>The command's name.</summary>
    public string Command { get; } = command;

    /// <summary>The key.</summary>
    public string Key { get; } = key;
}
