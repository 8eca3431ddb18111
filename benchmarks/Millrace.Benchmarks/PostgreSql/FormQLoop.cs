using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>The bare group-commit loop: takes all appends that wait, writes them by one statement, and answers them.</summary>
internal sealed class FormQLoop : IAsyncDisposable
{
    private readonly FormQ _form;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly Task _running;
    private List<RawAppend> _waiting = [];
    private List<RawAppend> _batch = [];
    private bool _isSignalled;
    private bool _isClosed;

    public FormQLoop(FormQ form)
    {
        _form = form;
        _running = Task.Run(Run);
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

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            Signal();
        }
        await _running;
        _work.Dispose();
    }

    private void Signal()
    {
        if (_isSignalled)
            return;
        _isSignalled = true;
        _work.Release();
    }

    private async Task Run()
    {
        while (true)
        {
            await _work.WaitAsync();
            await Task.Yield(); // Lets writers that are about to append join the batch.
            lock (_lock)
            {
                _isSignalled = false;
                (_waiting, _batch) = (_batch, _waiting);
                if (_batch.Count == 0 && _isClosed)
                    return;
            }
            await _form.Append(_batch);
            foreach (var append in _batch)
            {
                append.WasAccepted = true;
                append.Answer();
            }
            _batch.Clear();
        }
    }
}
