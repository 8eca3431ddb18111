using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>Replaces the contents of events with one statement.</summary>
internal sealed class ReplacementWrites(Tables tables)
{
    private readonly string _replace = $"""
        UPDATE {tables.Events} e
        SET content_type = u.content_type, checksum = u.checksum, metadata = u.metadata, payload = u.payload
        FROM (SELECT unnest($1) AS position, unnest($2) AS id, unnest($3) AS content_type, unnest($4) AS checksum,
            unnest($5) AS metadata, unnest($6) AS payload) u
        WHERE e.position = u.position AND e.id = u.id
        """;

    /// <summary>Adds the statement, if there are events. Events that no longer exist are skipped.</summary>
    public void Add(NpgsqlBatch target, IReadOnlyList<RecordedEvent> events)
    {
        if (events.Count == 0)
            return;
        var parameters = target.Add(_replace).Parameters;
        Put(parameters, NpgsqlDbType.Bigint, events, static recorded => recorded.Position);
        Put(parameters, NpgsqlDbType.Uuid, events, static recorded => recorded.Id);
        Put(parameters, NpgsqlDbType.Text, events, static recorded =>
            recorded.ContentType == EventContentType.Json ? null : recorded.ContentType);
        Put(parameters, NpgsqlDbType.Integer, events, static recorded => EventChecksum.Compute(
            recorded.Stream.Value,
            recorded.Version,
            recorded.Id,
            recorded.Payload.Span,
            recorded.MetadataBytes.Span));
        Put(parameters, NpgsqlDbType.Bytea, events, static recorded =>
            recorded.MetadataBytes.IsEmpty ? default(ReadOnlyMemory<byte>?) : recorded.MetadataBytes);
        Put(parameters, NpgsqlDbType.Bytea, events, static recorded => recorded.Payload);
    }

    private static void Put<T>(
        NpgsqlParameterCollection parameters,
        NpgsqlDbType type,
        IReadOnlyList<RecordedEvent> events,
        Func<RecordedEvent, T> value)
    {
        var values = new T[events.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(events[i]);
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
