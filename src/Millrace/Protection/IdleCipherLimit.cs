namespace Millrace.Protection;

/// <summary>Limits the ciphers that all data keys of a key store keep for reuse. Thread-safe.</summary>
internal sealed class IdleCipherLimit
{
    /// <summary>The maximum number of idle ciphers, each with about one kilobyte.</summary>
    public const int MaxCiphers = 20_000;

    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryAdd()
    {
        if (Interlocked.Increment(ref _count) <= MaxCiphers)
            return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Remove() => Interlocked.Decrement(ref _count);
}
