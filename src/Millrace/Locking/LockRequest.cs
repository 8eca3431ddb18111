namespace Millrace;

/// <summary>A request for a lock.</summary>
/// <param name="Name">The name of the lock; 1 to 256 characters, such as <c>inventory:lock:ID</c>.</param>
public sealed record LockRequest(string Name)
{
    /// <summary>
    /// Gets the time after which an unrenewed lock expires; from 100 milliseconds to 1 hour, 10 seconds by default.
    /// </summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets the maximum time to wait while another owner holds the lock or the lock provider is unavailable; up to 1
    /// hour, 10 seconds by default. With zero, the lock is requested only once.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets the name of the owner, which other callers can see. The name has 1 to 256 characters, and no other owner
    /// may have the same name at the same time. The default is null, which means a random name.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>
    /// Gets whether the lock is renewed automatically until it is released; true by default. If false, the lock expires
    /// after <see cref="Duration"/> unless the caller calls <see cref="HeldLock.Renew"/>.
    /// </summary>
    public bool RenewsAutomatically { get; init; } = true;

    /// <exception cref="InvalidNameException">The name or the owner is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of range.</exception>
    internal void Check()
    {
        CheckName("lock", Name);
        if (Owner is not null)
            CheckName("owner of a lock", Owner);
        ArgumentOutOfRangeException.ThrowIfLessThan(Duration, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Duration, TimeSpan.FromHours(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Wait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Wait, TimeSpan.FromHours(1));
    }

    private static void CheckName(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > ILockProvider.MaxNameCharacters || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidNameException(
                kind, name, $"it must have from 1 to {ILockProvider.MaxNameCharacters} characters, without NUL");
        }
    }
}
