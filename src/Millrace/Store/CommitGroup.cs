namespace Millrace;

/// <summary>
/// Requests that one caller awaits together, which is cheaper than awaiting thousands of tasks. Each request is
/// committed or refused separately.
/// </summary>
internal sealed class CommitGroup(int count)
{
    private readonly TaskCompletionSource<CommitResponse[]> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommitResponse[] _answers = new CommitResponse[count];
    private int _remaining = count;

    /// <summary>Gets a task that completes when all requests have an answer.</summary>
    public Task<CommitResponse[]> Done => _done.Task;

    /// <summary>Sets the answer of a request, once.</summary>
    public void Complete(int index, CommitResponse answer)
    {
        _answers[index] = answer;
        if (Interlocked.Decrement(ref _remaining) == 0)
            _done.TrySetResult(_answers);
    }
}
