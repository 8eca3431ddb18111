using System.Buffers.Binary;

namespace Millrace.Storage.Archives;

/// <summary>
/// The place of an event's content in an archive. The store keeps it as the payload of the event, and marks the event
/// by its content type. All other values of the event remain in the store, so that filters, conditions and lookups need
/// no archive.
/// </summary>
/// <param name="Segment">The number of the segment.</param>
/// <param name="Row">The index of the row in the segment.</param>
internal readonly record struct ArchiveReference(long Segment, int Row)
{
    private const int Length = sizeof(long) + sizeof(int);

    /// <summary>Returns whether the content of a stored event is in an archive.</summary>
    public static bool IsIn(RecordedEvent recorded) =>
        recorded.ContentType.StartsWith(EventContentType.ArchivedPrefix, StringComparison.Ordinal);

    /// <summary>Returns the content type of the archived content.</summary>
    public static string ContentTypeOf(RecordedEvent recorded) =>
        recorded.ContentType[EventContentType.ArchivedPrefix.Length..];

    /// <summary>Reads the reference of a stored event whose content is in an archive.</summary>
    /// <exception cref="StorageException">The reference has another length.</exception>
    public static ArchiveReference Of(RecordedEvent recorded)
    {
        var bytes = recorded.Payload.Span;
        return bytes.Length == Length
            ? new(
                BinaryPrimitives.ReadInt64BigEndian(bytes),
                BinaryPrimitives.ReadInt32BigEndian(bytes[sizeof(long)..]))
            : throw new StorageException(
                $"The event at position {recorded.Position} is archived, but its reference has {bytes.Length} instead "
                    + $"of {Length} bytes. Run: millrace verify",
                StorageProblem.Damaged);
    }

    /// <summary>Returns the event as it is stored when its content is in the archive.</summary>
    public RecordedEvent PutInto(RecordedEvent recorded)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Segment);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeof(long)), Row);
        return recorded.WithContent(EventContentType.ArchivedPrefix + recorded.ContentType, bytes, default);
    }
}
