namespace Millrace.Materializing;

/// <summary>Counts the reads of a view on this node until they are stored.</summary>
internal sealed class ViewReads
{
    private long _count;

    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>Stores the counted reads, and starts again with zero. Reads that are not stored remain.</summary>
    public async ValueTask Store(
        ViewStore states, string key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var reads = Interlocked.Exchange(ref _count, 0);
        if (reads == 0)
            return;
        var isStored = false;
        try
        {
            isStored = await states.TryAddReads(key, reads, now, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isStored)
                Interlocked.Add(ref _count, reads);
        }
    }
}
