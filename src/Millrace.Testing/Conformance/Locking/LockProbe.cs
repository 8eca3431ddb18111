namespace Millrace.Testing.Conformance.Locking;

/// <summary>Has two providers of the same locks, and the operations that the checks share.</summary>
internal sealed class LockProbe(ILockProvider first, ILockProvider second, CancellationToken cancel)
{
    /// <summary>The duration of a lease that does not expire during a check.</summary>
    public static readonly TimeSpan LongLease = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The duration of a lease that lasts until the next step on a busy machine, but is short enough to wait for its
    /// expiry.
    /// </summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(4);

    /// <summary>The duration of a lease that a check lets expire.</summary>
    public static readonly TimeSpan ExpiringLease = TimeSpan.FromMilliseconds(400);

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public ILockProvider First { get; } = first;

    public ILockProvider Second { get; } = second;

    public CancellationToken Cancel { get; } = cancel;

    public string Name(string suffix = "stock") => $"check:{_unique}:{suffix}";

    /// <summary>Acquires a lock that must be free.</summary>
    public async Task<long> Take(ILockProvider provider, string owner, TimeSpan duration, string? name = null)
    {
        var answer = await provider.TryTake(name ?? Name(), owner, duration, Cancel);
        Expect.True(answer.IsTaken, $"a free lock was refused to '{owner}' because '{answer.Holder}' owns it");
        return answer.Token;
    }

    /// <summary>
    /// Waits until a lock that was acquired for <see cref="ExpiringLease"/> has expired. Another owner requests the
    /// lock repeatedly.
    /// </summary>
    public async Task<long> AcquireWhenFree(ILockProvider provider, string owner)
    {
        while (true)
        {
            if (await provider.TryTake(Name(), owner, LongLease, Cancel) is { IsTaken: true } answer)
                return answer.Token;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }
}
