namespace Millrace.Storage.Archives;

/// <summary>Counts how a program reads archives. Thread-safe.</summary>
internal sealed class ArchiveReads
{
    private readonly Lock _lock = new();
    private long _segments;
    private long _cacheHits;
    private long _failures;
    private string? _error;

    /// <summary>Gets the number of segments that were read from places.</summary>
    public long Segments => Interlocked.Read(ref _segments);

    /// <summary>Gets the number of events whose segment was in memory.</summary>
    public long CacheHits => Interlocked.Read(ref _cacheHits);

    /// <summary>Gets the number of segments that could not be read.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Gets why the last segment could not be read; null if it was read.</summary>
    public string? Error
    {
        get
        {
            lock (_lock)
                return _error;
        }
    }

    public void Hit() => Interlocked.Increment(ref _cacheHits);

    public void Read()
    {
        Interlocked.Increment(ref _segments);
        Note(null);
    }

    public void Failed(Exception exception)
    {
        Interlocked.Increment(ref _failures);
        Note(exception.Message);
    }

    private void Note(string? error)
    {
        lock (_lock)
            _error = error;
    }
}
