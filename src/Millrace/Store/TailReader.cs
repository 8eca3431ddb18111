namespace Millrace;

/// <summary>Where one reader of a node's <see cref="LogTail"/> is. Moved by the reader, and looked at by who
/// commits.</summary>
internal sealed class TailReader(LogTail tail) : IDisposable
{
    private long _passed;

    /// <summary>The last position that the reader needs no more; it may go back, and reads the storage then.</summary>
    public long Passed
    {
        get => Volatile.Read(ref _passed);
        set => Volatile.Write(ref _passed, value);
    }

    /// <summary>Reads no more.</summary>
    public void Dispose() => tail.Leave(this);
}
