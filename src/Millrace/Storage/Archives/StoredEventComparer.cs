namespace Millrace.Storage.Archives;

/// <summary>Compares all stored values of events.</summary>
internal static class StoredEventComparer
{
    public static bool AreEqual(RecordedEvent one, RecordedEvent other) =>
        IsSame(one, other)
        && one.Id == other.Id
        && one.Type == other.Type
        && one.SchemaVersion == other.SchemaVersion
        && one.ContentType == other.ContentType
        && one.Timestamp == other.Timestamp
        && one.Source == other.Source
        && one.CorrelationId == other.CorrelationId
        && one.CausationId == other.CausationId
        && one.EncryptionKeyId == other.EncryptionKeyId
        && one.Tags.SequenceEqual(other.Tags)
        && one.Payload.Span.SequenceEqual(other.Payload.Span)
        && one.MetadataBytes.Span.SequenceEqual(other.MetadataBytes.Span);

    /// <summary>Returns whether both are the same event of a log.</summary>
    public static bool IsSame(RecordedEvent one, RecordedEvent other) =>
        one.Position == other.Position && one.Version == other.Version && one.Stream == other.Stream;
}
