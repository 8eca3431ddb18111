namespace Millrace.Testing;

/// <summary>Two providers of the same locks under check, with the operations that the checks share.</summary>
internal sealed class LockProbe(ILockProvider first, ILockProvider second, CancellationToken cancel)
{
    /// <summary>A lease that is longer than the time between two steps of any check.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>A lease that lasts until the next step even on a busy machine, but that a check can outlast.</summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(4);

    /// <summary>A lease short enough to wait for its expiry.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public ILockProvider First { get; } = first;

    public ILockProvider Second { get; } = second;

    public CancellationToken Cancel { get; } = cancel;

    public string Name(string what = "stock") => $"check:{_unique}:{what}";

    /// <summary>Takes a lock that must be free.</summary>
    public async Task<long> Take(ILockProvider provider, string owner, TimeSpan duration, string? name = null)
    {
        var answer = await provider.TryTake(name ?? Name(), owner, duration, Cancel);
        Expect.True(answer.IsTaken, $"a lock that is free was refused to '{owner}': '{answer.Holder}' holds it");
        return answer.Token;
    }

    /// <summary>
    /// Waits until a lock taken for <see cref="Short"/> has expired, by requesting it for another owner.
    /// </summary>
    public async Task<long> AcquireWhenFree(ILockProvider provider, string owner)
    {
        while (true)
        {
            if (await provider.TryTake(Name(), owner, Long, Cancel) is { IsTaken: true } answer)
                return answer.Token;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }
}
