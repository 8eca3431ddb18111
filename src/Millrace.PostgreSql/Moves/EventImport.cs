using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Moves;

/// <summary>Writes events in bulk at the positions they had in another store.</summary>
internal static class EventImport
{
    private const string Columns = """
        position, version, recorded_at, id, correlation_id, causation_id, schema_version, checksum, stream, type, content_type, source,
        encryption_key_id, tags, metadata, payload
        """;

    public static async ValueTask Run(
        NpgsqlConnection connection,
        Tables tables,
        IReadOnlyList<RecordedEvent> events,
        CancellationToken cancellationToken)
    {
        var import = await connection.BeginBinaryImportAsync(
            $"COPY {tables.Events} ({Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using var _ = import.ConfigureAwait(false);
        foreach (var moved in events)
        {
            await import.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await WriteIdentity(import, moved, cancellationToken).ConfigureAwait(false);
            await WriteContent(import, moved, cancellationToken).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteIdentity(
        NpgsqlBinaryImporter import, RecordedEvent moved, CancellationToken cancellationToken)
    {
        await import.WriteAsync(moved.Position, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(moved.Version, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await import
            .WriteAsync(moved.Timestamp.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken)
            .ConfigureAwait(false);
        await import.WriteAsync(moved.Id, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.CorrelationId, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.CausationId, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteContent(
        NpgsqlBinaryImporter import, RecordedEvent moved, CancellationToken cancellationToken)
    {
        var sum = EventChecksum.Compute(
            moved.Stream.Value, moved.Version, moved.Id, moved.Payload.Span, moved.MetadataBytes.Span);
        await import.WriteAsync(moved.SchemaVersion, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(sum, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.Stream.Value, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.Type, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.ContentType == EventContentType.Json ? null : moved.ContentType, cancellationToken)
            .ConfigureAwait(false);
        await Write(import, moved.Source, cancellationToken).ConfigureAwait(false);
        await Write(import, moved.EncryptionKeyId, cancellationToken).ConfigureAwait(false);
        if (moved.Tags.Count == 0)
        {
            await import.WriteNullAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var tags = moved.Tags.Select(tag => tag.ToString()).ToArray();
            await import
                .WriteAsync(tags, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken)
                .ConfigureAwait(false);
        }
        if (moved.MetadataBytes.IsEmpty)
            await import.WriteNullAsync(cancellationToken).ConfigureAwait(false);
        else
            await import.WriteAsync(moved.MetadataBytes, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(moved.Payload, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
    }

    private static Task Write(NpgsqlBinaryImporter import, Guid? id, CancellationToken cancellationToken) =>
        id is { } known
            ? import.WriteAsync(known, NpgsqlDbType.Uuid, cancellationToken)
            : import.WriteNullAsync(cancellationToken);

    private static Task Write(NpgsqlBinaryImporter import, string? text, CancellationToken cancellationToken) =>
        text is not null
            ? import.WriteAsync(text, NpgsqlDbType.Text, cancellationToken)
            : import.WriteNullAsync(cancellationToken);
}
