namespace Millrace.Benchmarks.Raw;

/// <summary>
/// The bare group-commit loop: one thread that takes all appends that wait, writes them in one transaction, and answers them.
/// </summary>
internal sealed class RawCommitLoop : IDisposable
{
    private readonly RawLog _log;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private List<RawAppend> _waiting = [];
    private List<RawAppend> _batch = [];
    private bool _isSignalled;
    private bool _isClosed;

    public RawCommitLoop(RawLog log)
    {
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "raw-writer" };
        _thread.Start();
    }

    public ValueTask<bool> Append(RawAppend append)
    {
        lock (_lock)
        {
            _waiting.Add(append);
            Signal();
        }
        return append.Wait();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            Signal();
        }
        _thread.Join();
        _work.Dispose();
    }

    private void Signal()
    {
        if (_isSignalled)
            return;
        _isSignalled = true;
        _work.Release();
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            Thread.Yield(); // Lets writers that are about to append join the batch.
            lock (_lock)
            {
                _isSignalled = false;
                (_waiting, _batch) = (_batch, _waiting);
                if (_batch.Count == 0 && _isClosed)
                    return;
            }
            CommitBatch();
        }
    }

    private void CommitBatch()
    {
        var time = RawClock.Now();
        _log.Begin();
        foreach (var append in _batch)
            append.WasAccepted = _log.TryAppend(append, time);
        _log.Commit();
        foreach (var append in _batch)
            append.Answer();
        _batch.Clear();
    }
}
