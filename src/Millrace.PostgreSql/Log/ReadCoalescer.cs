namespace Millrace.PostgreSql.Log;

/// <summary>
/// Coalesces reads. While few reads run, each one starts at once. Beyond that, reads that wait at the same moment share
/// one statement on one connection, as commits do.
/// </summary>
/// <remarks>
/// The statement of a read starts after the read was requested, so that it sees everything committed before. If a
/// shared statement fails, its reads are repeated individually, so that each has its own failure.
/// </remarks>
/// <param name="alone">Executes one read.</param>
/// <param name="together">Executes several reads, and completes as many as it can. The others are executed
/// individually.</param>
internal sealed class ReadCoalescer<TQuery, TResult>(
    Func<TQuery, CancellationToken, ValueTask<TResult>> alone,
    Func<List<PendingRead<TQuery, TResult>>, ValueTask> together)
{
    private const int MaxBatch = 32;

    /// <summary>
    /// The maximum number of concurrent statements; further reads wait. More than there are processors would only
    /// compete for them. A lower number lets more reads share a statement.
    /// </summary>
    private static readonly int MaxConcurrentReads = Math.Clamp(Environment.ProcessorCount, 2, 4);

    private readonly Lock _lock = new();
    private readonly Queue<PendingRead<TQuery, TResult>> _waiting = new();
    private int _activeReads;

    /// <summary>The number of reads that shared a statement.</summary>
    public long Joined { get; private set; }

    public ValueTask<TResult> Read(TQuery query, CancellationToken cancellationToken)
    {
        PendingRead<TQuery, TResult>? pending = null;
        lock (_lock)
        {
            if (_activeReads < MaxConcurrentReads)
                _activeReads++;
            else
                _waiting.Enqueue(pending = new PendingRead<TQuery, TResult>(query, cancellationToken));
        }
        return pending is null
            ? ReadAtOnce(query, cancellationToken)
            : new ValueTask<TResult>(pending.Task.WaitAsync(cancellationToken));
    }

    private async ValueTask<TResult> ReadAtOnce(TQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await alone(query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (Take() is { } batch)
                _ = Task.Run(() => ReadPending(batch), CancellationToken.None);
        }
    }

    /// <summary>Executes waiting reads until none is left.</summary>
    private async Task ReadPending(List<PendingRead<TQuery, TResult>>? batch)
    {
        for (; batch is not null; batch = Take())
        {
            if (batch.Count > 1)
                await ReadTogether(batch).ConfigureAwait(false);
            await Task.WhenAll(batch.ConvertAll(Finish)).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadTogether(List<PendingRead<TQuery, TResult>> batch)
    {
        try
        {
            await together(batch).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // After any failure, waiting callers must get a result.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The reads are repeated individually.
        }
    }

    private async Task Finish(PendingRead<TQuery, TResult> pending)
    {
        if (pending.IsDone)
            return;
        try
        {
            pending.TrySetResult(await alone(pending.Query, pending.Cancellation).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Any failure is passed to the waiting caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            pending.TrySetException(exception);
        }
    }

    /// <summary>Takes the next batch of waiting reads. If none wait, returns null and ends the caller's slot.</summary>
    private List<PendingRead<TQuery, TResult>>? Take()
    {
        lock (_lock)
        {
            List<PendingRead<TQuery, TResult>>? batch = null;
            while (_waiting.Count > 0 && (batch?.Count ?? 0) < MaxBatch)
            {
                if (_waiting.Dequeue() is { IsDone: false } next)
                    (batch ??= []).Add(next);
            }
            if (batch is null)
                _activeReads--;
            else if (batch.Count > 1)
                Joined += batch.Count;
            return batch;
        }
    }
}
