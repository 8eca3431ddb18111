using Parquet;
using Parquet.Schema;

namespace Millrace.Archive;

/// <summary>Writes a segment with one row group.</summary>
internal static class SegmentWriter
{
    public static async Task Write(
        Stream target, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd };
        var writer = await ParquetWriter
            .CreateAsync(ArchiveColumns.Schema, target, options, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using var _ = writer.ConfigureAwait(false);
        writer.CustomMetadata = new Dictionary<string, string>
        {
            [ParquetArchiveFormat.VersionKey] = ParquetArchiveFormat.Version,
        };
        using var group = writer.CreateRowGroup();
        await WriteIdentity(group, events, cancellationToken).ConfigureAwait(false);
        await WriteContents(group, events, cancellationToken).ConfigureAwait(false);
        await WriteOrigins(group, events).ConfigureAwait(false);
        await WriteTags(group, events, cancellationToken).ConfigureAwait(false);
        group.CompleteValidate();
    }

    private static async Task WriteIdentity(
        ParquetRowGroupWriter group, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        await Write(group, ArchiveColumns.Position, events, static one => one.Position, cancellationToken)
            .ConfigureAwait(false);
        await Write(group, ArchiveColumns.Stream, events, static one => one.Stream.Value).ConfigureAwait(false);
        await Write(group, ArchiveColumns.Version, events, static one => one.Version, cancellationToken)
            .ConfigureAwait(false);
        await Write(group, ArchiveColumns.Id, events, static one => one.Id.ToString()).ConfigureAwait(false);
        await Write(group, ArchiveColumns.Type, events, static one => one.Type).ConfigureAwait(false);
        await Write(group, ArchiveColumns.SchemaVersion, events, static one => one.SchemaVersion, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task WriteContents(
        ParquetRowGroupWriter group, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        await Write(group, ArchiveColumns.ContentType, events, static one => one.ContentType).ConfigureAwait(false);
        await Write(
            group, ArchiveColumns.RecordedAt, events, static one => one.Timestamp.UtcDateTime, cancellationToken)
            .ConfigureAwait(false);
        await Write(group, ArchiveColumns.Payload, events, static one => one.Payload, cancellationToken)
            .ConfigureAwait(false);
        var metadata = new ReadOnlyMemory<byte>?[events.Count];
        for (var i = 0; i < metadata.Length; i++)
            metadata[i] = events[i].MetadataBytes.IsEmpty ? null : events[i].MetadataBytes;
        await group.WriteAsync<ReadOnlyMemory<byte>>(
            ArchiveColumns.Metadata, metadata, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteOrigins(ParquetRowGroupWriter group, IReadOnlyList<RecordedEvent> events)
    {
        await Write(group, ArchiveColumns.Source, events, static one => one.Source).ConfigureAwait(false);
        await Write(group, ArchiveColumns.CorrelationId, events, static one => one.CorrelationId?.ToString())
            .ConfigureAwait(false);
        await Write(group, ArchiveColumns.CausationId, events, static one => one.CausationId?.ToString())
            .ConfigureAwait(false);
        await Write(group, ArchiveColumns.EncryptionKeyId, events, static one => one.EncryptionKeyId)
            .ConfigureAwait(false);
    }

    /// <summary>Writes a list for each event; an event without tags has an empty list.</summary>
    private static async Task WriteTags(
        ParquetRowGroupWriter group, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var values = new List<ReadOnlyMemory<char>>();
        var definitions = new List<int>();
        var repetitions = new List<int>();
        foreach (var recorded in events)
        {
            for (var i = 0; i < recorded.Tags.Count; i++)
            {
                values.Add(recorded.Tags[i].ToString().AsMemory());
                definitions.Add(ArchiveColumns.Tag.MaxDefinitionLevel);
                repetitions.Add(i == 0 ? 0 : 1);
            }
            if (recorded.Tags.Count > 0)
                continue;
            definitions.Add(1); // A list without elements.
            repetitions.Add(0);
        }
        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            ArchiveColumns.Tag, values.ToArray(), definitions.ToArray(), repetitions.ToArray(), cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task Write<T>(
        ParquetRowGroupWriter group,
        DataField field,
        IReadOnlyList<RecordedEvent> events,
        Func<RecordedEvent, T> value,
        CancellationToken cancellationToken)
        where T : struct
    {
        var values = new T[events.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(events[i]);
        await group.WriteAsync<T>(field, values, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static async Task Write(
        ParquetRowGroupWriter group,
        DataField field,
        IReadOnlyList<RecordedEvent> events,
        Func<RecordedEvent, string?> value)
    {
        var values = new string[events.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(events[i])!; // Null is a value of an optional column.
        await group.WriteAsync(field, values).ConfigureAwait(false);
    }
}
