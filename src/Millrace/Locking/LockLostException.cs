namespace Millrace;

/// <summary>A lock is no longer held: it was not renewed in time, and another may have it.</summary>
public sealed class LockLostException(string name, long token)
    : MillraceException(
        $"The lock '{name}' with the token {token} is lost: it was not renewed in time. Take it again and begin anew.")
{
    /// <summary>The lock.</summary>
    public string Name { get; } = name;

    /// <summary>The token that it was held with.</summary>
    public long Token { get; } = token;
}
