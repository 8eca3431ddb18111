namespace Millrace;

/// <summary>
/// The pages of the log that the partitions of one consumer on this node read last, each read and decoded once for all
/// of them.
/// </summary>
/// <remarks>
/// Partitions that began at the same position ask for the same pages, one a little after the other. Who is further
/// behind the others than the pages that are kept, or began later than a page was read, reads its own.
/// </remarks>
internal sealed class SharedPageCache(TimeProvider time)
{
    /// <summary>Partitions begin one after the other: who comes last finds what the first has read since.</summary>
    private const int MaxPages = 16;

    private readonly Lock _lock = new();
    private readonly LinkedList<Page> _pages = [];

    /// <summary>A page that was read for another partition since a moment, or is read now.</summary>
    /// <param name="place">Where it begins, in which epoch of the log, and the most events of it.</param>
    /// <param name="since">The timestamp of that moment: what was taken out of the log before it is not in the
    /// page.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="cancellationToken">Gives up waiting, and reading it.</param>
    public async ValueTask<FeedBatch> Read(
        LogPageKey place,
        long since,
        Func<CancellationToken, ValueTask<FeedBatch>> read,
        CancellationToken cancellationToken)
    {
        Task<FeedBatch> page;
        lock (_lock)
            page = Find(place, since) ?? Add(place, read, cancellationToken);
        try
        {
            var batch = await page.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (batch.IsLive)
                Forget(page); // Its end is the end of the log, which goes on.
            return batch;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Who read it has stopped.
            Forget(page);
            return await read(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Forget(page);
            throw;
        }
    }

    private Task<FeedBatch>? Find(LogPageKey place, long since)
    {
        foreach (var page in _pages)
        {
            if (page.Key == place && page.ReadAt >= since)
                return page.Batch;
        }
        return null;
    }

    private Task<FeedBatch> Add(
        LogPageKey place, Func<CancellationToken, ValueTask<FeedBatch>> read, CancellationToken cancellationToken)
    {
        var batch = Task.Run(() => read(cancellationToken).AsTask(), cancellationToken);
        _pages.AddLast(new Page(place, time.GetTimestamp(), batch));
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
