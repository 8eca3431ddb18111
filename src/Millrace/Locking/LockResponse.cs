namespace Millrace;

/// <summary>The response of a lock provider to a request for a lock.</summary>
public readonly record struct LockResponse
{
    private LockResponse(long token, string? holder, TimeSpan expiresIn) =>
        (Token, Holder, ExpiresIn) = (token, holder, expiresIn);

    /// <summary>
    /// Gets the fencing token, which is greater than any earlier token of the lock; 0 when the lock was not taken.
    /// </summary>
    public long Token { get; }

    /// <summary>
    /// Gets the current holder; null if the caller has acquired the lock, or if the provider does not know the holder.
    /// </summary>
    public string? Holder { get; }

    /// <summary>Gets the time after which the lock expires, unless its holder renews it.</summary>
    public TimeSpan ExpiresIn { get; }

    /// <summary>Gets whether the caller has the lock.</summary>
    public bool IsTaken => Token > 0;

    /// <summary>Returns the response for a lock that was taken.</summary>
    /// <param name="token">The fencing token, from 1.</param>
    public static LockResponse Taken(long token)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(token, 1);
        return new LockResponse(token, null, TimeSpan.Zero);
    }

    /// <summary>Returns the response for a lock that another owner holds.</summary>
    /// <param name="holder">The holder, if it is known.</param>
    /// <param name="expiresIn">The time after which the lock expires, unless it is renewed.</param>
    public static LockResponse HeldBy(string? holder, TimeSpan expiresIn) => new(0, holder, expiresIn);
}
