namespace Millrace.PostgreSql;

/// <summary>
/// Reads what is asked for: each at once as long as little is read, and from then on those together that wait at the
/// same moment, by one statement on one connection, as commits are.
/// </summary>
/// <remarks>
/// It is read by a statement that begins after it was asked for, so that it shows whatever was committed before. What
/// fails together is tried again one by one, so that each fails by itself.
/// </remarks>
/// <param name="alone">Reads one.</param>
/// <param name="together">Reads several, and hands out as many as it can; the others are read one by one.</param>
internal sealed class ReadCoalescer<TQuery, TResult>(
    Func<TQuery, CancellationToken, ValueTask<TResult>> alone,
    Func<List<PendingRead<TQuery, TResult>>, ValueTask> together)
{
    private const int MaxBatch = 32;

    /// <summary>
    /// How many are read at once; further ones wait until one of these is done. More than there are processors would
    /// only take turns on them, and the fewer they are, the more are read together.
    /// </summary>
    private static readonly int MaxConcurrentReads = Math.Clamp(Environment.ProcessorCount, 2, 4);

    private readonly Lock _lock = new();
    private readonly Queue<PendingRead<TQuery, TResult>> _waiting = new();
    private int _activeReads;

    /// <summary>How many were read together with others.</summary>
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
            ? ReadCoalesced(query, cancellationToken)
            : new ValueTask<TResult>(pending.Task.WaitAsync(cancellationToken));
    }

    private async ValueTask<TResult> ReadCoalesced(TQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await alone(query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (Take() is { } batch)
                _ = Task.Run(() => ReadOn(batch), CancellationToken.None);
        }
    }

    /// <summary>Reads what waits, as long as something does.</summary>
    private async Task ReadOn(List<PendingRead<TQuery, TResult>>? batch)
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
#pragma warning disable CA1031 // Whatever it is: those who wait must not wait for ever.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Each is read by itself, and fails by itself.
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
#pragma warning disable CA1031 // Whatever it is, it is told to whoever waits.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            pending.TrySetException(exception);
        }
    }

    /// <summary>Takes what waits; null when nothing does, and the lane is left.</summary>
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
