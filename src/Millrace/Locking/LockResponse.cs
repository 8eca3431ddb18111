namespace Millrace;

/// <summary>What a keeper says to who asks for a lock.</summary>
public readonly record struct LockResponse
{
    private LockResponse(long token, string? holder, TimeSpan freeIn) =>
        (Token, Holder, FreeIn) = (token, holder, freeIn);

    /// <summary>The fencing token, which is greater than any that the lock had before; 0 when it was not
    /// taken.</summary>
    public long Token { get; }

    /// <summary>Who holds it, when it was not taken and the keeper knows.</summary>
    public string? Holder { get; }

    /// <summary>When it will be free at the latest, unless its holder renews it.</summary>
    public TimeSpan FreeIn { get; }

    /// <summary>Whether the lock is the asker's.</summary>
    public bool IsTaken => Token > 0;

    /// <summary>The lock is the asker's.</summary>
    /// <param name="token">The fencing token, from 1.</param>
    public static LockResponse Taken(long token)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(token, 1);
        return new LockResponse(token, null, TimeSpan.Zero);
    }

    /// <summary>Another has it.</summary>
    /// <param name="holder">Who, if that is known.</param>
    /// <param name="freeIn">When it will be free, unless it is renewed.</param>
    public static LockResponse HeldBy(string? holder, TimeSpan freeIn) => new(0, holder, freeIn);
}
