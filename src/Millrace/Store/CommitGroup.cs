namespace Millrace;

/// <summary>
/// Requests that one caller waits for together: who commits thousands need not wait for each. Each is committed or refused by itself.
/// </summary>
internal sealed class CommitGroup(int count)
{
    private readonly TaskCompletionSource<CommitAnswer[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommitAnswer[] _answers = new CommitAnswer[count];
    private int _left = count;

    /// <summary>Ends when each is settled.</summary>
    public Task<CommitAnswer[]> Done => _done.Task;

    /// <summary>Notes what became of one, once.</summary>
    public void Settle(int place, CommitAnswer answer)
    {
        _answers[place] = answer;
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult(_answers);
    }
}
