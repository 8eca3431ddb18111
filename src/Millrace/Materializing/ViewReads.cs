namespace Millrace.Materializing;

/// <summary>Counts the reads of a view on this node until they are stored.</summary>
internal sealed class ViewReads
{
    private long _count;

    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>Returns the counted reads, and starts again with zero.</summary>
    public long Take() => Interlocked.Exchange(ref _count, 0);

    /// <summary>Adds reads that could not be stored.</summary>
    public void Return(long count) => Interlocked.Add(ref _count, count);
}
