namespace Millrace.Tests;

/// <summary>Where a simulated node stands still until its schedule has it go on or die. All happens on the thread of
/// who asks.</summary>
internal sealed class PausePoints
{
    private readonly List<TaskCompletionSource> _pausePoints = [];

    public int Count => _pausePoints.Count;

    public bool IsDead { get; private set; }

    /// <summary>Whether it stands still nowhere.</summary>
    public bool IsCalm { get; set; }

    public Task PauseHere()
    {
        if (IsDead)
            throw new OperationCanceledException("The node is dead.");
        if (IsCalm)
            return Task.CompletedTask;
        var standing = new TaskCompletionSource();
        _pausePoints.Add(standing);
        return standing.Task;
    }

    public void GoOn(int which)
    {
        var standing = _pausePoints[which];
        _pausePoints.RemoveAt(which);
        standing.SetResult();
    }

    /// <summary>What it has committed stands; of the rest nobody hears.</summary>
    /// <param name="leave">What it leaves as it dies, before what stands still ends.</param>
    public void Terminate(Action? leave = null)
    {
        IsDead = true;
        leave?.Invoke();
        var standing = _pausePoints.ToArray();
        _pausePoints.Clear();
        foreach (var one in standing)
            one.SetException(new OperationCanceledException("The node dies."));
    }
}
