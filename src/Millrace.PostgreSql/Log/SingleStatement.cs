using System.Data;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// The optimistic statement for a batch with a single event. It uses plain values, because the server would have to
/// expand and join arrays. Its command is created once for a connection. A commit of a single caller is
/// therefore little more than its statement.
/// </summary>
internal sealed class SingleStatement(Database database, ClockCheck clock)
{
    private readonly string _sql = $"""
        INSERT INTO {database.Tables.Events} (position, version, recorded_at, id, schema_version, checksum, stream, type, payload,
            correlation_id, causation_id, content_type, source, encryption_key_id, tags, metadata)
        SELECT turn.last_position + 1, $5, turn.moment, $6, $7, $8, $4, $9, $10, $11, $12, $13, $14, $15, $16, $17
        FROM {OptimisticCommit.AcquireLogLock(database, "$1", "$2")} turn
        WHERE turn.moment IS NOT NULL AND turn.last_position >= $18 AND {clock.Sql("turn", "$3")}
            AND ($19 OR (
                coalesce(
                    (SELECT e.version FROM {database.Tables.Events} e WHERE e.stream = $4 ORDER BY e.version DESC LIMIT 1), 0) = $5 - 1
                AND NOT EXISTS (SELECT FROM {database.Tables.StreamBounds} b WHERE b.stream = $4 AND b.state <> 0)))
        RETURNING recorded_at, position - 1
        """;

    private readonly NpgsqlParameter<long> _generation = new();
    private readonly NpgsqlParameter _recordedTime = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter _nodeTime = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<string> _stream = new();
    private readonly NpgsqlParameter<long> _version = new();
    private readonly NpgsqlParameter<Guid> _id = new();
    private readonly NpgsqlParameter<int> _schemaVersion = new();
    private readonly NpgsqlParameter<int> _checksum = new();
    private readonly NpgsqlParameter<string> _type = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>> _payload = new() { NpgsqlDbType = NpgsqlDbType.Bytea };
    private readonly NpgsqlParameter _correlation = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter _causation = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter _contentType = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter _source = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter _key = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter _tags = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    private readonly NpgsqlParameter _metadata = new() { NpgsqlDbType = NpgsqlDbType.Bytea };
    private readonly NpgsqlParameter<long> _minPosition = new();
    private readonly NpgsqlParameter<bool> _isVersionKnown = new();
    private NpgsqlCommand? _command;

    /// <summary>The number of events written this way.</summary>
    public long Hits { get; private set; }

    /// <summary>
    /// Writes the event, and returns its time and the position before it; null if the statement wrote nothing.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="now">The time of the writer's clock.</param>
    /// <param name="known">The generation, the position that the log must have reached, and whether the stream's
    /// version is known.</param>
    /// <param name="append">The append.</param>
    /// <param name="version">The event's version.</param>
    public async ValueTask<(DateTimeOffset Moment, long LastPosition)?> Run(
        NpgsqlConnection connection,
        DateTimeOffset now,
        (long Generation, long MinPosition, bool IsVersionKnown) known,
        StreamAppend append,
        long version)
    {
        (_generation.TypedValue, _minPosition.TypedValue, _isVersionKnown.TypedValue) = known;
        Set(now, append.Stream.Value, version, append.Events[0]);
        var row = await CommandOn(connection)
            .ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None)
            .ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        if (!await row.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            return null;
        Hits++;
        return (row.GetTime(0), row.GetInt64(1));
    }

    /// <summary>Returns the command, which stays prepared while the connection is open.</summary>
    private NpgsqlCommand CommandOn(NpgsqlConnection connection)
    {
        if (_command is { } known && known.Connection == connection)
            return known;
        _command?.Parameters.Clear(); // A parameter belongs to one command at a time.
        var command = connection.Command(_sql);
        foreach (var parameter in (NpgsqlParameter[])
                [
                    _generation,
                    _recordedTime,
                    _nodeTime,
                    _stream,
                    _version,
                    _id,
                    _schemaVersion,
                    _checksum,
                    _type,
                    _payload,
                    _correlation,
                    _causation,
                    _contentType,
                    _source,
                    _key,
                    _tags,
                    _metadata,
                    _minPosition,
                    _isVersionKnown,
                ]
        )
        {
            command.Parameters.Add(parameter);
        }
        return _command = command;
    }

    private void Set(DateTimeOffset now, string stream, long version, EncodedEvent appended)
    {
        _recordedTime.Value = database.Options.Clock == PostgreSqlClock.Node ? now.UtcDateTime : DBNull.Value;
        _nodeTime.Value = clock.NodeTime(now) is { } nodeTime ? nodeTime : DBNull.Value;
        _stream.TypedValue = stream;
        _version.TypedValue = version;
        _id.TypedValue = appended.Id;
        _schemaVersion.TypedValue = appended.SchemaVersion;
        _type.TypedValue = appended.Type;
        _payload.TypedValue = appended.Payload;
        _checksum.TypedValue = EventChecksum.Compute(
            stream, version, appended.Id, appended.Payload.Span, appended.MetadataBytes.Span);
        _correlation.Value = appended.CorrelationId is { } correlation ? correlation : DBNull.Value;
        _causation.Value = appended.CausationId is { } causation ? causation : DBNull.Value;
        _contentType.Value = appended.ContentType == EventContentType.Json ? DBNull.Value : appended.ContentType;
        _source.Value = (object?)appended.Source ?? DBNull.Value;
        _key.Value = (object?)appended.EncryptionKeyId ?? DBNull.Value;
        _tags.Value = appended.Tags.IsDefaultOrEmpty
            ? DBNull.Value
            : Array.ConvertAll([.. appended.Tags], static tag => tag.ToString());
        _metadata.Value = appended.MetadataBytes.IsEmpty ? DBNull.Value : appended.MetadataBytes;
    }
}
