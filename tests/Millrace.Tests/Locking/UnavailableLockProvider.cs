namespace Millrace.Tests.Locking;

/// <summary>A keeper that is away when a test wants it to be.</summary>
internal sealed class UnavailableLockProvider(ILockProvider keeper) : ILockProvider
{
    private int _renewals;
    private int _takes;

    public bool IsAway { get; set; }

    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>How often the lock was asked for.</summary>
    public int Takes => Volatile.Read(ref _takes);

    public string Description => keeper.Description;

    /// <summary>Called between the lock's being taken and the answer.</summary>
    public Action WhenTaken { get; set; } = static () => { };

    /// <summary>What is waited for before the lock is given back.</summary>
    public Func<Task> BeforeRelease { get; set; } = static () => Task.CompletedTask;

    public async ValueTask<LockResponse> TryTake(
        string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _takes);
        var answer = await Here(keeper).TryTake(name, owner, duration, cancellationToken);
        WhenTaken();
        return answer;
    }

    public async ValueTask<bool> Renew(
        string name, string owner, long token, TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            return await Here(keeper).Renew(name, owner, token, duration, cancellationToken);
        }
        finally
        {
            Interlocked.Increment(ref _renewals);
        }
    }

    public async ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken)
    {
        await BeforeRelease();
        return await Here(keeper).Release(name, owner, token, cancellationToken);
    }

    private ILockProvider Here(ILockProvider there) =>
        IsAway ? throw new TransportUnavailableException("test", "it is away.") : there;
}
