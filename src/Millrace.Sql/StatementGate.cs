namespace Millrace.Sql;

/// <summary>Limits the statements of an application that run at the same time. Thread-safe.</summary>
internal sealed class StatementGate(int maxConcurrency) : IDisposable
{
    private readonly SemaphoreSlim _free = new(maxConcurrency, maxConcurrency);

    /// <summary>Waits for a free place, which the disposal of the result returns.</summary>
    public async ValueTask<IDisposable> Enter(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Place(_free);
    }

    public void Dispose() => _free.Dispose();

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
