namespace Millrace.Tests;

/// <summary>
/// The points at which a simulated node pauses until its schedule resumes or kills it. All code runs on the calling
/// thread.
/// </summary>
internal sealed class PausePoints
{
    private readonly List<TaskCompletionSource> _pausePoints = [];

    public int Count => _pausePoints.Count;

    public bool IsDead { get; private set; }

    /// <summary>Gets or sets whether the node runs without pauses.</summary>
    public bool IsPausingDisabled { get; set; }

    public Task PauseHere()
    {
        if (IsDead)
            throw new OperationCanceledException("The node is dead.");
        if (IsPausingDisabled)
            return Task.CompletedTask;
        var pausePoint = new TaskCompletionSource();
        _pausePoints.Add(pausePoint);
        return pausePoint.Task;
    }

    public void Resume(int index)
    {
        var pausePoint = _pausePoints[index];
        _pausePoints.RemoveAt(index);
        pausePoint.SetResult();
    }

    /// <summary>Kills the node. Its commits are kept, and the rest of its work is dropped.</summary>
    /// <param name="release">Releases the resources of the node before the paused code ends.</param>
    public void Terminate(Action? release = null)
    {
        IsDead = true;
        release?.Invoke();
        var pausePoints = _pausePoints.ToArray();
        _pausePoints.Clear();
        foreach (var pausePoint in pausePoints)
            pausePoint.SetException(new OperationCanceledException("The node dies."));
    }
}
