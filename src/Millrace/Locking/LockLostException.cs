namespace Millrace;

/// <summary>Thrown when a lock was not renewed in time, so that it has expired and another owner may hold it.</summary>
public sealed class LockLostException(string name, long token)
    : MillraceException(
        $"The lock '{name}' with the token {token} is lost, because it was not renewed in time. "
            + "Acquire it again and restart the operation.")
{
    /// <summary>Gets the name of the lock.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the fencing token of the lost lock.</summary>
    public long Token { get; } = token;
}
