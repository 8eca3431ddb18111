namespace Millrace;

/// <summary>Thrown when a lock is no longer held: it was not renewed in time, and another owner may hold it.</summary>
public sealed class LockLostException(string name, long token)
    : MillraceException(
        $"The lock '{name}' with the token {token} is lost: it was not renewed in time. Take it again and restart.")
{
    /// <summary>Gets the name of the lock.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the token with which it was held.</summary>
    public long Token { get; } = token;
}
