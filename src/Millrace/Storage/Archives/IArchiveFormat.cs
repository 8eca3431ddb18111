namespace Millrace.Storage.Archives;

/// <summary>The file format of archive segments, such as Parquet. Implementations are thread-safe.</summary>
public interface IArchiveFormat
{
    /// <summary>Gets the end of the names of segments, such as <c>.parquet</c>.</summary>
    string Extension { get; }

    /// <summary>Writes events, as they are stored, to a segment.</summary>
    /// <param name="events">The events, ordered by position.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<ReadOnlyMemory<byte>> Write(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);

    /// <summary>Reads all events of a segment, in the order in which they were written.</summary>
    /// <param name="segment">The bytes of the segment.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FormatException">The bytes are not a segment of this format.</exception>
    ValueTask<IReadOnlyList<RecordedEvent>> Read(ReadOnlyMemory<byte> segment, CancellationToken cancellationToken);
}
