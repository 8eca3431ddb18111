using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// The bare group-commit loop on PostgreSQL: takes all waiting appends, writes them with one statement, and completes
/// them.
/// </summary>
internal sealed class SingleStatementWriter : IRawWriter
{
    private readonly SingleStatementCommit _form;
    private readonly RawQueue _queue = new();
    private readonly RawAppend[] _alone = new RawAppend[1];
    private readonly Task _running;

    public SingleStatementWriter(SingleStatementCommit form)
    {
        _form = form;
        _running = Task.Run(Run);
    }

    public int StreamOf(int key) => key;

    public ValueTask<bool> Append(RawAppend append) => _queue.Append(append);

    public async ValueTask AppendAlone(RawAppend append)
    {
        _alone[0] = append;
        await _form.Append(_alone);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _running;
        _queue.Dispose();
        await _form.DisposeAsync();
    }

    private async Task Run()
    {
        while (true)
        {
            await _queue.WaitAsync();
            await Task.Yield(); // Lets writers that are about to append join the batch.
            if (_queue.Take() is not { } batch)
                return;
            await _form.Append(batch);
            foreach (var append in batch)
                append.WasAccepted = true;
            _queue.Answer();
        }
    }
}
