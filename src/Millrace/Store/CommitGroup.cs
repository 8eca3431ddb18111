namespace Millrace;

/// <summary>
/// Requests that one caller waits for together: who commits thousands need not wait for each. Each is committed or
/// refused by itself.
/// </summary>
internal sealed class CommitGroup(int count)
{
    private readonly TaskCompletionSource<CommitResponse[]> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommitResponse[] _answers = new CommitResponse[count];
    private int _left = count;

    /// <summary>Ends when each is settled.</summary>
    public Task<CommitResponse[]> Done => _done.Task;

    /// <summary>Notes what became of one, once.</summary>
    public void Complete(int place, CommitResponse answer)
    {
        _answers[place] = answer;
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult(_answers);
    }
}
