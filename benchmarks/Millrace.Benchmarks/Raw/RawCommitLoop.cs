using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// A bare group-commit loop on SQLite. One thread removes all waiting appends from a queue, writes them in one
/// transaction, and completes them.
/// </summary>
internal sealed class RawCommitLoop : IRawWriter
{
    private readonly RawLog _log;
    private readonly RawQueue _queue = new();
    private readonly Thread _thread;

    public RawCommitLoop(RawLog log)
    {
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "raw-writer" };
        _thread.Start();
    }

    public int StreamOf(int key) => _log.StreamOf(key);

    public ValueTask<bool> Append(RawAppend append) => _queue.Append(append);

    public ValueTask AppendAlone(RawAppend append)
    {
        _log.AppendAlone(append);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _queue.Close();
        _thread.Join();
        _queue.Dispose();
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        while (true)
        {
            _queue.Wait();
            Thread.Yield(); // Lets writers that are about to append join the batch.
            if (_queue.Take() is not { } batch)
                return;
            var time = RawClock.Now();
            _log.Begin();
            foreach (var append in batch)
                append.WasAccepted = _log.TryAppend(append, time);
            _log.Commit();
            _queue.Answer();
        }
    }
}
