namespace Millrace.Store;

/// <summary>
/// A group of requests that one caller awaits with a single task, which is cheaper than thousands of tasks. The store
/// commits or refuses each request separately.
/// </summary>
internal sealed class CommitGroup(int count)
{
    private readonly TaskCompletionSource<CommitResponse[]> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommitResponse[] _answers = new CommitResponse[count];
    private int _remaining = count;

    /// <summary>Gets a task that completes when every request has an answer.</summary>
    public Task<CommitResponse[]> Done => _done.Task;

    /// <summary>Sets the answer of a request. Called once for each request.</summary>
    public void Complete(int index, CommitResponse answer)
    {
        _answers[index] = answer;
        if (Interlocked.Decrement(ref _remaining) == 0)
            _done.TrySetResult(_answers);
    }
}
