namespace Millrace.Storage;

/// <summary>Compares all stored values of events.</summary>
internal static class StoredEventComparer
{
    public static bool AreEqual(RecordedEvent one, RecordedEvent other) =>
        IsSame(one, other)
        && HaveSameContent(one, other)
        && one.MetadataBytes.Span.SequenceEqual(other.MetadataBytes.Span);

    /// <summary>Returns whether all values except the place in the log and the metadata are equal.</summary>
    public static bool HaveSameContent(RecordedEvent one, RecordedEvent other) =>
        HaveSameValues(one, other) && one.Payload.Span.SequenceEqual(other.Payload.Span);

    /// <summary>
    /// Returns whether all values except the place in the log, the metadata and the payload are equal.
    /// </summary>
    public static bool HaveSameValues(RecordedEvent one, RecordedEvent other) =>
        one.Id == other.Id
        && one.Type == other.Type
        && one.SchemaVersion == other.SchemaVersion
        && one.ContentType == other.ContentType
        && one.Timestamp == other.Timestamp
        && one.Source == other.Source
        && one.CorrelationId == other.CorrelationId
        && one.CausationId == other.CausationId
        && one.EncryptionKeyId == other.EncryptionKeyId
        && one.Tags.SequenceEqual(other.Tags);

    /// <summary>Returns whether both are the same event of a log.</summary>
    public static bool IsSame(RecordedEvent one, RecordedEvent other) =>
        one.Position == other.Position && one.Version == other.Version && one.Stream == other.Stream;
}
