namespace Millrace.Locking;

/// <summary>
/// The stored form of a lock. The record remains stored while the lock is free, so that its tokens never restart.
/// </summary>
internal sealed record LockRecord
{
    /// <summary>The token of the current or last holder.</summary>
    public long Token { get; init; }

    /// <summary>The holder; null when the lock was released.</summary>
    public string? Owner { get; init; }

    /// <summary>The expiry time, by the storage's clock.</summary>
    public DateTimeOffset Until { get; init; }
}
