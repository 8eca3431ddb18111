using System.Runtime.InteropServices;
using Millrace.Archive;
using Millrace.Storage.Archives;
using Parquet;

namespace Millrace;

/// <summary>
/// Apache Parquet segments. The columns are documented in <c>docs/reference/archive-format.md</c>. Thread-safe.
/// </summary>
public sealed class ParquetArchiveFormat : IArchiveFormat
{
    internal const string VersionKey = "millrace.archive";
    internal const string Version = "1";

    /// <inheritdoc/>
    public string Extension => ".parquet";

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> Write(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var stream = new MemoryStream();
        await SegmentWriter.Write(stream, events, cancellationToken).ConfigureAwait(false);
        return stream.ToArray();
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Read(
        ReadOnlyMemory<byte> segment, CancellationToken cancellationToken)
    {
        using var stream = MemoryMarshal.TryGetArray(segment, out var array)
            ? new MemoryStream(array.Array ?? [], array.Offset, array.Count, writable: false)
            : new MemoryStream(segment.ToArray(), writable: false);
        try
        {
            return await SegmentReader.Read(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ParquetException or IOException or InvalidDataException
            or ArgumentException or InvalidOperationException or NotSupportedException or OverflowException
            or IndexOutOfRangeException or InvalidNameException)
        {
            throw new FormatException($"It is not a Parquet segment of an archive: {exception.Message}", exception);
        }
    }
}
