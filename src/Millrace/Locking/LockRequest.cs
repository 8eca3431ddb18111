namespace Millrace;

/// <summary>How a lock is asked for.</summary>
/// <param name="Name">The lock; 1 to 256 characters, such as <c>inventory:lock:ID</c>.</param>
public sealed record LockRequest(string Name)
{
    /// <summary>
    /// How long the lock outlives a holder that is not heard of; from 100 milliseconds to 1 hour, 10 seconds by
    /// default.
    /// </summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait while another holds it, or its keeper is away; up to 1 hour, 10 seconds by default. Zero asks
    /// once.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Who asks, as others are told: 1 to 256 characters that nobody else uses at the same time. Null, by default, for
    /// a random one.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>
    /// Whether the lock is renewed by itself until it is given back; true by default. When false it ends after
    /// <see cref="Duration"/>, unless <see cref="HeldLock.Renew"/> is called.
    /// </summary>
    public bool RenewsItself { get; init; } = true;

    /// <exception cref="InvalidNameException">The name or the owner is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of its range.</exception>
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
