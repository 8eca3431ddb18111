using Parquet.Schema;

namespace Millrace.Archive;

/// <summary>The columns of a segment. Their names and types are permanent.</summary>
internal static class ArchiveColumns
{
    public static DataField Position { get; } = new DataField<long>("position");

    public static DataField Stream { get; } = new DataField<string>("stream", false);

    public static DataField Version { get; } = new DataField<long>("version");

    public static DataField Id { get; } = new DataField<string>("id", false);

    public static DataField Type { get; } = new DataField<string>("type", false);

    public static DataField SchemaVersion { get; } = new DataField<int>("schema_version");

    public static DataField ContentType { get; } = new DataField<string>("content_type", false);

    public static DataField RecordedAt { get; } = new DateTimeDataField(
        "recorded_at", DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: false);

    public static DataField Payload { get; } = new DataField("payload", typeof(byte[]), false);

    public static DataField Metadata { get; } = new DataField("metadata", typeof(byte[]), true);

    public static DataField Source { get; } = new DataField<string>("source", true);

    public static DataField CorrelationId { get; } = new DataField<string>("correlation_id", true);

    public static DataField CausationId { get; } = new DataField<string>("causation_id", true);

    public static DataField EncryptionKeyId { get; } = new DataField<string>("encryption_key_id", true);

    /// <summary>Gets the texts <c>name:value</c>, as a list.</summary>
    public static DataField Tag { get; } = new DataField<string>("element");

    public static ParquetSchema Schema { get; } = new(
        Position, Stream, Version, Id, Type, SchemaVersion, ContentType, RecordedAt, Payload, Metadata, Source,
        CorrelationId, CausationId, EncryptionKeyId, new ListField("tags", Tag));
}
