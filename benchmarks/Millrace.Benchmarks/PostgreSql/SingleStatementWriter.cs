using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// A bare group-commit loop on PostgreSQL. It removes all waiting appends from a queue, writes them with one statement,
/// and completes them.
/// </summary>
internal sealed class SingleStatementWriter : IRawWriter
{
    private readonly SingleStatementCommit _commit;
    private readonly RawQueue _queue = new();
    private readonly RawAppend[] _singleAppend = new RawAppend[1];
    private readonly Task _running;

    public SingleStatementWriter(SingleStatementCommit commit)
    {
        _commit = commit;
        _running = Task.Run(Run);
    }

    public int StreamOf(int key) => key;

    public ValueTask<bool> Append(RawAppend append) => _queue.Append(append);

    public async ValueTask AppendAlone(RawAppend append)
    {
        _singleAppend[0] = append;
        await _commit.Append(_singleAppend);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _running;
        _queue.Dispose();
        await _commit.DisposeAsync();
    }

    private async Task Run()
    {
        while (true)
        {
            await _queue.WaitAsync();
            await Task.Yield(); // Lets writers that are about to append join the batch.
            if (_queue.Take() is not { } batch)
                return;
            await _commit.Append(batch);
            foreach (var append in batch)
                append.WasAccepted = true;
            _queue.Answer();
        }
    }
}
