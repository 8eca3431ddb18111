namespace Millrace.Consuming.Partitions;

/// <summary>
/// Caches the pages of the log that the partitions of one consumer on this node read last. Each page is read and
/// decoded once for all of them.
/// </summary>
/// <remarks>
/// Partitions that start at the same position read the same pages, shortly after each other. A partition reads its own
/// page when it is further behind than the cached pages, or has started after a page was read.
/// </remarks>
internal sealed class SharedPageCache(TimeProvider time)
{
    /// <summary>
    /// The maximum number of pages. Partitions start one after the other, and the last one must still find the pages
    /// that the first one has read.
    /// </summary>
    private const int MaxPages = 16;

    private readonly Lock _lock = new();
    private readonly LinkedList<Page> _pages = [];

    /// <summary>
    /// Returns a page that was read for another partition after the given time, or is being read now; otherwise reads
    /// it.
    /// </summary>
    /// <param name="key">The log epoch, the round of the values, the first position and the maximum number of events of
    /// the page.</param>
    /// <param name="validFrom">A timestamp. A page that was read earlier may still contain events that were removed
    /// from the log.</param>
    /// <param name="read">Reads the page.</param>
    /// <param name="cancellationToken">Cancels the wait, and the read.</param>
    public async ValueTask<FeedBatch> Read(
        LogPageKey key,
        long validFrom,
        Func<CancellationToken, ValueTask<FeedBatch>> read,
        CancellationToken cancellationToken)
    {
        Task<FeedBatch> page;
        lock (_lock)
            page = Find(key, validFrom) ?? Add(key, read, cancellationToken);
        try
        {
            var batch = await page.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (batch.IsLive)
                Forget(page); // The page ends at the end of the log, which grows.
            return batch;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The partition that read the page has stopped.
            Forget(page);
            return await read(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Forget(page);
            throw;
        }
    }

    private Task<FeedBatch>? Find(LogPageKey key, long validFrom)
    {
        foreach (var page in _pages)
        {
            if (page.Key == key && page.ReadAt >= validFrom)
                return page.Batch;
        }
        return null;
    }

    private Task<FeedBatch> Add(
        LogPageKey key, Func<CancellationToken, ValueTask<FeedBatch>> read, CancellationToken cancellationToken)
    {
        if (_pages.Last?.Value.Key.Round != key.Round)
            _pages.Clear(); // Keys were destroyed since these pages were read.
        var batch = Task.Run(() => read(cancellationToken).AsTask(), cancellationToken);
        _pages.AddLast(new Page(key, time.GetTimestamp(), batch));
        if (_pages.Count > MaxPages)
            _pages.RemoveFirst();
        return batch;
    }

    private void Forget(Task<FeedBatch> batch)
    {
        lock (_lock)
        {
            for (var page = _pages.First; page is not null; page = page.Next)
            {
                if (page.Value.Batch != batch)
                    continue;
                _pages.Remove(page);
                return;
            }
        }
    }

    private sealed record Page(LogPageKey Key, long ReadAt, Task<FeedBatch> Batch);
}
