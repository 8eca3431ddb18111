namespace Millrace.Tests.Locking;

/// <summary>A lock provider that a test can make unavailable.</summary>
internal sealed class UnavailableLockProvider(ILockProvider provider) : ILockProvider
{
    private int _renewals;
    private int _takes;

    public bool IsUnavailable { get; set; }

    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>Gets the number of calls of <see cref="TryTake"/>.</summary>
    public int Takes => Volatile.Read(ref _takes);

    public string Description => provider.Description;

    /// <summary>Gets or sets the action that runs after the lock is taken and before the answer returns.</summary>
    public Action WhenTaken { get; set; } = static () => { };

    /// <summary>Gets or sets the function that is awaited before the lock is released.</summary>
    public Func<Task> BeforeRelease { get; set; } = static () => Task.CompletedTask;

    public async ValueTask<LockResponse> TryTake(
        string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _takes);
        var answer = await Available(provider).TryTake(name, owner, duration, cancellationToken);
        WhenTaken();
        return answer;
    }

    public async ValueTask<bool> Renew(
        string name, string owner, long token, TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            return await Available(provider).Renew(name, owner, token, duration, cancellationToken);
        }
        finally
        {
            Interlocked.Increment(ref _renewals);
        }
    }

    public async ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken)
    {
        await BeforeRelease();
        return await Available(provider).Release(name, owner, token, cancellationToken);
    }

    private ILockProvider Available(ILockProvider inner) =>
        IsUnavailable ? throw new TransportUnavailableException("test", "the provider is unavailable.") : inner;
}
