using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Millrace.Archive;

/// <summary>Reads a segment.</summary>
internal static class SegmentReader
{
    public static async Task<IReadOnlyList<RecordedEvent>> Read(Stream source, CancellationToken cancellationToken)
    {
        var reader = await ParquetReader.CreateAsync(source, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        var version = reader.CustomMetadata.GetValueOrDefault(ParquetArchiveFormat.VersionKey);
        if (version != ParquetArchiveFormat.Version)
            throw new FormatException(
                $"The version of its format is '{version ?? "unknown"}', and this program reads version "
                    + $"'{ParquetArchiveFormat.Version}'. Use a newer version of Millrace.");
        var events = new List<RecordedEvent>();
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            await Read(reader.Schema, group, events, cancellationToken).ConfigureAwait(false);
        }
        return events;
    }

    private static async Task Read(
        ParquetSchema schema,
        ParquetRowGroupReader group,
        List<RecordedEvent> events,
        CancellationToken cancellationToken)
    {
        var columns = new RowGroupColumns(schema, group, cancellationToken);
        var positions = await columns.Read<long>(ArchiveColumns.Position).ConfigureAwait(false);
        var streams = await columns.ReadTexts(ArchiveColumns.Stream).ConfigureAwait(false);
        var versions = await columns.Read<long>(ArchiveColumns.Version).ConfigureAwait(false);
        var ids = await columns.ReadTexts(ArchiveColumns.Id).ConfigureAwait(false);
        var types = await columns.ReadTexts(ArchiveColumns.Type).ConfigureAwait(false);
        var schemaVersions = await columns.Read<int>(ArchiveColumns.SchemaVersion).ConfigureAwait(false);
        var contentTypes = await columns.ReadTexts(ArchiveColumns.ContentType).ConfigureAwait(false);
        var times = await columns.Read<DateTime>(ArchiveColumns.RecordedAt).ConfigureAwait(false);
        var payloads = await columns.ReadBytes(ArchiveColumns.Payload).ConfigureAwait(false);
        var metadata = await columns.ReadBytes(ArchiveColumns.Metadata).ConfigureAwait(false);
        var sources = await columns.ReadTexts(ArchiveColumns.Source).ConfigureAwait(false);
        var correlations = await columns.ReadTexts(ArchiveColumns.CorrelationId).ConfigureAwait(false);
        var causations = await columns.ReadTexts(ArchiveColumns.CausationId).ConfigureAwait(false);
        var keys = await columns.ReadTexts(ArchiveColumns.EncryptionKeyId).ConfigureAwait(false);
        var tags = await columns.ReadTags().ConfigureAwait(false);
        for (var i = 0; i < positions.Length; i++)
        {
            events.Add(new RecordedEvent
            {
                Position = positions[i],
                Stream = new StreamId(Required(streams[i])),
                Version = versions[i],
                Id = Guid.Parse(Required(ids[i]), CultureInfo.InvariantCulture),
                Type = Required(types[i]),
                SchemaVersion = schemaVersions[i],
                ContentType = Required(contentTypes[i]),
                Timestamp = new DateTimeOffset(DateTime.SpecifyKind(times[i], DateTimeKind.Utc)),
                Payload = payloads[i] ?? [],
                MetadataBytes = metadata[i] ?? [],
                Source = sources[i],
                CorrelationId = IdOf(correlations[i]),
                CausationId = IdOf(causations[i]),
                EncryptionKeyId = keys[i],
                Tags = tags[i],
            });
        }
    }

    private static string Required(string? value) => value ?? throw new FormatException("A required value is missing.");

    private static Guid? IdOf(string? text) =>
        text is null ? null : Guid.Parse(text, CultureInfo.InvariantCulture);
}
