namespace Millrace.Testing;

/// <summary>Two keepers of the same locks under check, with the few moves that all checks need.</summary>
internal sealed class LockProbe(ILockProvider first, ILockProvider second, CancellationToken cancel)
{
    /// <summary>Longer than any check needs between two of its steps.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>Long enough for the next step, also on a busy machine, and so short that a check can go on for
    /// longer.</summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(4);

    /// <summary>So short that it can be waited for.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public ILockProvider First { get; } = first;

    public ILockProvider Second { get; } = second;

    public CancellationToken Cancel { get; } = cancel;

    public string Name(string what = "stock") => $"check:{_unique}:{what}";

    /// <summary>Takes a lock that must be free.</summary>
    public async Task<long> Take(ILockProvider keeper, string owner, TimeSpan duration, string? name = null)
    {
        var answer = await keeper.TryTake(name ?? Name(), owner, duration, Cancel);
        Expect.True(answer.IsTaken, $"a lock that is free was refused to '{owner}': '{answer.Holder}' holds it");
        return answer.Token;
    }

    /// <summary>Waits until a lock that was taken for <see cref="Short"/> has ended, by asking for it as
    /// another.</summary>
    public async Task<long> AcquireWhenFree(ILockProvider keeper, string owner)
    {
        while (true)
        {
            if (await keeper.TryTake(Name(), owner, Long, Cancel) is { IsTaken: true } answer)
                return answer.Token;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }
}
