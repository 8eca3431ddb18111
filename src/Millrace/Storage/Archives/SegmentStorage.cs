using System.Security.Cryptography;
using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>Reads and writes the segments of one place. It checks what it reads.</summary>
internal sealed class SegmentStorage(IArchiveFormat format, IObjectStorage place)
{
    public string Description => place.Description;

    public string Extension => format.Extension;

    /// <summary>Returns the SHA-256 hash of an object.</summary>
    private static string HashOf(ReadOnlyMemory<byte> content) =>
        Convert.ToHexStringLower(SHA256.HashData(content.Span));

    /// <summary>Reads the events of a segment.</summary>
    /// <exception cref="ArchiveException">The segment is missing or damaged.</exception>
    /// <exception cref="ObjectStorageException">The place cannot be used.</exception>
    public async Task<IReadOnlyList<RecordedEvent>> Read(ArchiveSegment segment, CancellationToken cancellationToken)
    {
        var content = await place.Get(segment.Name, cancellationToken).ConfigureAwait(false)
            ?? throw await Missing(segment, cancellationToken).ConfigureAwait(false);
        if (HashOf(content) != segment.Sha256)
            throw Damaged(segment, "its SHA-256 hash differs", null);
        try
        {
            var events = await format.Read(content, cancellationToken).ConfigureAwait(false);
            return events.Count == segment.Events
                ? events
                : throw Damaged(segment, $"it has {events.Count} instead of {segment.Events} events", null);
        }
        catch (FormatException exception)
        {
            throw Damaged(segment, exception.Message, exception);
        }
    }

    /// <summary>Writes a segment and reads it back.</summary>
    /// <returns>The segment with its size and hash.</returns>
    /// <exception cref="ArchiveException">The segment differs when it is read back.</exception>
    public async Task<ArchiveSegment> Write(
        ArchiveSegment segment, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var content = await format.Write(events, cancellationToken).ConfigureAwait(false);
        if (content.Length > ObjectName.MaxObjectBytes)
            throw new ArchiveException(
                $"A segment with {events.Count} events has {content.Length:N0} bytes, but an object has at most 64 "
                    + "MiB. Reduce SegmentBytes.");
        await place.Put(segment.Name, content, cancellationToken).ConfigureAwait(false);
        var written = segment with { Bytes = content.Length, Sha256 = HashOf(content) };
        var read = await Read(written, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < events.Count; i++)
        {
            if (!StoredEventComparer.AreEqual(read[i], events[i]))
                throw Damaged(
                    segment, $"the event at position {events[i].Position} differs when it is read back", null);
        }
        return written;
    }

    private async Task<ArchiveException> Missing(ArchiveSegment segment, CancellationToken cancellationToken)
    {
        var isEmpty = true;
        await foreach (var _ in place.List("", cancellationToken).ConfigureAwait(false))
        {
            isEmpty = false;
            break;
        }
        return new ArchiveException(isEmpty
            ? $"Segment '{segment.Name}' is missing in {Description}, which is empty. Mount its disk, or restore a "
                + "copy of the place."
            : $"Segment '{segment.Name}' is missing in {Description}. Restore it from a copy of the place.")
        {
            DamagedSegment = segment.Name,
            IsMissing = true,
            IsPlaceEmpty = isEmpty,
        };
    }

    private ArchiveException Damaged(ArchiveSegment segment, string reason, Exception? cause) =>
        new(
            $"Segment '{segment.Name}' in {Description} cannot be used: {reason}. Restore it from a copy of the place.",
            cause)
        {
            DamagedSegment = segment.Name,
        };
}
