namespace Millrace.Benchmarks.Raw;

/// <summary>The waiting appends of a bare group-commit loop, which takes all of them at once.</summary>
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

    /// <summary>Stops the loop after it has taken the waiting appends.</summary>
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

    /// <summary>Takes all waiting appends; null at the end. The list is valid until it is completed.</summary>
    public IReadOnlyList<RawAppend>? Take()
    {
        lock (_lock)
        {
            _isSignalled = false;
            (_waiting, _batch) = (_batch, _waiting);
            return _batch.Count == 0 && _isClosed ? null : _batch;
        }
    }

    /// <summary>Completes the appends that were taken last.</summary>
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
