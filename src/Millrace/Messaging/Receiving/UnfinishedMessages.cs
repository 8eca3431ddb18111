namespace Millrace.Messaging.Receiving;

/// <summary>Counts the messages of the batches that are underway and are not finished yet. Thread-safe.</summary>
internal sealed class UnfinishedMessages
{
    private readonly Lock _lock = new(); // Guards the fields below.
    private int _count;
    private int _max;
    private TaskCompletionSource? _waiting; // Completes when at most _max messages are unfinished; null for none.

    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    public void Add(int count)
    {
        lock (_lock)
            _count += count;
    }

    public void Remove(int count)
    {
        TaskCompletionSource? waiting = null;
        lock (_lock)
        {
            _count -= count;
            if (_count <= _max)
                (waiting, _waiting) = (_waiting, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>
    /// Returns a task that completes when at most a number of messages is unfinished. The next call replaces it.
    /// </summary>
    public Task WhenAtMost(int max)
    {
        lock (_lock)
        {
            if (_count <= max)
                return Task.CompletedTask;
            (_max, _waiting) = (max, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _waiting.Task;
        }
    }
}
