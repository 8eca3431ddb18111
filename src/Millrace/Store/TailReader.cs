namespace Millrace.Store;

/// <summary>
/// The position of a reader in a node's <see cref="LogTail"/>. The reader sets the position, and the committing thread
/// reads it.
/// </summary>
internal sealed class TailReader(LogTail tail) : IDisposable
{
    private long _releasedPosition;

    /// <summary>
    /// Gets or sets the last position that the reader no longer needs. If the reader decreases the position, it may
    /// have to read from the storage.
    /// </summary>
    public long ReleasedPosition
    {
        get => Volatile.Read(ref _releasedPosition);
        set => Volatile.Write(ref _releasedPosition, value);
    }

    /// <summary>Stops reading.</summary>
    public void Dispose() => tail.Leave(this);
}
