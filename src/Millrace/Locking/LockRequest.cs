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
    /// Gets the time to wait while another owner holds the lock, or its provider is unavailable; up to 1 hour, 10
    /// seconds by default. Zero tries once.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets the owner that other callers see: 1 to 256 characters, unique at any time. Null, by default, for a random
    /// name.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>
    /// Gets whether the lock is renewed automatically until it is released; true by default. When false it expires
    /// after <see cref="Duration"/>, unless <see cref="HeldLock.Renew"/> is called.
    /// </summary>
    public bool RenewsItself { get; init; } = true;

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

    private static void CheckName(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > ILockProvider.MaxNameCharacters || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidNameException(
                what, name, $"it must have from 1 to {ILockProvider.MaxNameCharacters} characters, without NUL");
        }
    }
}
