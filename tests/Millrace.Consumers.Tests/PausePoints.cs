namespace Millrace.Tests;

/// <summary>The points at which a simulated node pauses until its schedule resumes or kills it. Everything runs on the
/// calling thread.</summary>
internal sealed class PausePoints
{
    private readonly List<TaskCompletionSource> _pausePoints = [];

    public int Count => _pausePoints.Count;

    public bool IsDead { get; private set; }

    /// <summary>True when the node is not paused.</summary>
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

    /// <summary>Kills the node: its commits stay, and the rest is dropped.</summary>
    /// <param name="leave">Releases its resources before the paused code ends.</param>
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
