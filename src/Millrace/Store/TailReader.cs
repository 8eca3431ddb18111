namespace Millrace;

/// <summary>
/// The position of a reader in a node's <see cref="LogTail"/>. The reader moves it, and the committing thread reads it.
/// </summary>
internal sealed class TailReader(LogTail tail) : IDisposable
{
    private long _passed;

    /// <summary>
    /// Gets or sets the last position that the reader no longer needs. It may be decreased; the reader then reads from
    /// the storage.
    /// </summary>
    public long Passed
    {
        get => Volatile.Read(ref _passed);
        set => Volatile.Write(ref _passed, value);
    }

    /// <summary>Stops reading.</summary>
    public void Dispose() => tail.Leave(this);
}
