namespace Millrace.Benchmarks.Raw;

/// <summary>The queue of waiting appends of a bare group-commit loop. The loop takes all of them together.</summary>
internal sealed class RawQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private List<RawAppend> _waiting = [];
    private List<RawAppend> _batch = [];
    private bool _isSignalled;
    private bool _isClosed;

    public ValueTask<bool> Append(RawAppend append)
    {
        lock (_lock)
        {
            _waiting.Add(append);
            Signal();
        }
        return append.Wait();
    }

    /// <summary>Makes <see cref="Take"/> return null after the loop has taken the waiting appends.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Signal();
        }
    }

    public void Wait() => _work.Wait();

    public Task WaitAsync() => _work.WaitAsync();

    /// <summary>
    /// Removes and returns all waiting appends, or returns null when the queue is closed and empty. The list is valid
    /// until the caller calls <see cref="Answer"/>.
    /// </summary>
    public IReadOnlyList<RawAppend>? Take()
    {
        lock (_lock)
        {
            _isSignalled = false;
            (_waiting, _batch) = (_batch, _waiting);
            return _batch.Count == 0 && _isClosed ? null : _batch;
        }
    }

    /// <summary>Completes the appends that <see cref="Take"/> returned last.</summary>
    public void Answer()
    {
        foreach (var append in _batch)
            append.Answer();
        _batch.Clear();
    }

    public void Dispose() => _work.Dispose();

    private void Signal()
    {
        if (_isSignalled)
            return;
        _isSignalled = true;
        _work.Release();
    }
}
