namespace Millrace;

/// <summary>A file with removed events, which <c>millrace import</c> reads.</summary>
/// <param name="File">The name of the file in the archive directory.</param>
/// <param name="Sha256">The SHA-256 hash of the file, as hexadecimal text.</param>
/// <param name="Bytes">The size of the file.</param>
/// <param name="Streams">The number of streams with events in the file.</param>
/// <param name="Events">The number of events in the file.</param>
public sealed record RetentionArchive(string File, string Sha256, long Bytes, long Streams, long Events)
{
    /// <summary>
    /// Gets the number of events in the file that were then removed from the log. It is less than
    /// <see cref="Events"/> if the run was interrupted or stopped after the file was written, or if streams changed
    /// in the meantime. The log still contains the other events, or another file of the run contains them.
    /// </summary>
    public long RemovedEvents { get; init; }
}
