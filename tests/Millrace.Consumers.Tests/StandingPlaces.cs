namespace Millrace.Tests;

/// <summary>Where a simulated node stands still until its schedule has it go on or die. All happens on the thread of who asks.</summary>
internal sealed class StandingPlaces
{
    private readonly List<TaskCompletionSource> _standing = [];

    public int Count => _standing.Count;

    public bool IsDead { get; private set; }

    /// <summary>Whether it stands still nowhere.</summary>
    public bool IsCalm { get; set; }

    public Task StandStill()
    {
        if (IsDead)
            throw new OperationCanceledException("The node is dead.");
        if (IsCalm)
            return Task.CompletedTask;
        var standing = new TaskCompletionSource();
        _standing.Add(standing);
        return standing.Task;
    }

    public void GoOn(int which)
    {
        var standing = _standing[which];
        _standing.RemoveAt(which);
        standing.SetResult();
    }

    /// <summary>What it has committed stands; of the rest nobody hears.</summary>
    /// <param name="leave">What it leaves as it dies, before what stands still ends.</param>
    public void Die(Action? leave = null)
    {
        IsDead = true;
        leave?.Invoke();
        var standing = _standing.ToArray();
        _standing.Clear();
        foreach (var one in standing)
            one.SetException(new OperationCanceledException("The node dies."));
    }
}
