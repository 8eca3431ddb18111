using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>The events that one statement writes, as an array for each column.</summary>
/// <remarks>
/// If no event has a value in a column, such as tags, the array is empty, so that neither client nor server iterates
/// over an array of nulls. <c>unnest</c> in the server pads shorter arrays with nulls.
/// </remarks>
internal sealed class EventArrays
{
    /// <summary>The columns of every event, in the order of the parameters that <see cref="PutInto"/> sets.</summary>
    private const string Columns = "position, version, id, schema_version, checksum, stream, type, payload";

    private const string Selected = "u.version, u.id, u.schema_version, u.checksum, u.stream, u.type, u.payload";

    /// <summary>The columns that only some events use. They follow <see cref="Columns"/>.</summary>
    private const string OptionalColumns =
        ", correlation_id, causation_id, content_type, source, encryption_key_id, tags, metadata";

    private const string OptionalSelected =
        ", u.correlation_id, u.causation_id, u.content_type, u.source, u.encryption_key_id, u.tags::text[], u.metadata";

    private readonly int _count;
    private readonly long[] _positions;
    private readonly long[] _versions;
    private readonly Guid[] _ids;
    private readonly int[] _schemaVersions;
    private readonly int[] _checksums;
    private readonly string[] _streams;
    private readonly string[] _types;
    private readonly ReadOnlyMemory<byte>[] _payloads;
    private readonly DateTime[] _times;
    private Guid?[]? _correlations;
    private Guid?[]? _causations;
    private string?[]? _contentTypes;
    private string?[]? _sources;
    private string?[]? _keys;
    private string?[]? _tags;
    private ReadOnlyMemory<byte>?[]? _metadata;
    private int _next;

    public EventArrays(int count)
    {
        _count = count;
        _positions = new long[count];
        _versions = new long[count];
        _ids = new Guid[count];
        _times = new DateTime[count];
        _schemaVersions = new int[count];
        _checksums = new int[count];
        _streams = new string[count];
        _types = new string[count];
        _payloads = new ReadOnlyMemory<byte>[count];
    }

    public int Count => _count;

    /// <summary>Returns the number of events of the accepted requests in a part of a batch.</summary>
    public static int CountEvents(
        IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, int from, int to)
    {
        var count = 0;
        for (var i = from; i < to; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Appends.Count; j++)
                count += batch[i].Appends[j].Events.Count;
        }
        return count;
    }

    /// <summary>Returns the events of the accepted requests in a part of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="outcomes">The outcome of each request.</param>
    /// <param name="from">The index of the first request.</param>
    /// <param name="to">The index after the last request.</param>
    /// <param name="count">The number of events, from <see cref="CountEvents"/>.</param>
    public static EventArrays Of(
        IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, int from, int to, int count)
    {
        var events = new EventArrays(count);
        for (var i = from; i < to; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Appends.Count; j++)
                events.Add(batch[i].Appends[j], outcomes[i].Placements[j], outcomes[i].Timestamp);
        }
        return events;
    }

    /// <summary>Gets whether at least one event has a value in an optional column.</summary>
    public bool HasOptional =>
        _correlations is not null
        || _causations is not null
        || _contentTypes is not null
        || _sources is not null
        || _keys is not null
        || _tags is not null
        || _metadata is not null;

    /// <summary>
    /// Returns the statement that writes the events. Each event has its own time. The last parameter has the times.
    /// </summary>
    public static string Insert(Tables tables) =>
        $"INSERT INTO {tables.Events} ({Columns}{OptionalColumns}, recorded_at) "
        + $"SELECT u.position, {Selected}{OptionalSelected}, u.recorded_at FROM "
        + $"{Unnest(1, withOptional: true, withTimes: true)}";

    /// <summary>
    /// Returns the statement that writes the events after a position and with a time that another part of the same SQL
    /// computes.
    /// </summary>
    /// <param name="tables">The tables.</param>
    /// <param name="source">The name of a SQL source with one row, which has <c>last_position</c> and <c>moment</c>.
    /// The positions of the events follow <c>last_position</c>. If the source has no row, nothing is written.</param>
    /// <param name="first">The number of the first parameter.</param>
    /// <param name="withOptional">True to include the optional columns.</param>
    public static string InsertWhere(Tables tables, string source, int first, bool withOptional) => $"""
        INSERT INTO {tables.Events} ({Columns}{(withOptional ? OptionalColumns : "")}, recorded_at)
        SELECT {source}.last_position + u.position, {Selected}{(withOptional ? OptionalSelected : "")}, {source}.moment
        FROM {source} CROSS JOIN {Unnest(first, withOptional, withTimes: false)}
        """;

    public void Add(StreamAppend append, AppendPlacement placement, DateTimeOffset time)
    {
        var stream = append.Stream.Value;
        for (var i = 0; i < append.Events.Count; i++, _next++)
        {
            var encoded = append.Events[i];
            var version = placement.FirstVersion + i;
            var position = placement.FirstPosition + i;
            _positions[_next] = position;
            _versions[_next] = version;
            _ids[_next] = encoded.Id;
            _streams[_next] = stream;
            _schemaVersions[_next] = encoded.SchemaVersion;
            _checksums[_next] = EventChecksum.Compute(
                stream, version, encoded.Id, encoded.Payload.Span, encoded.MetadataBytes.Span);
            _types[_next] = encoded.Type;
            _payloads[_next] = encoded.Payload;
            _times[_next] = time.UtcDateTime;
            AddOptional(encoded);
        }
    }

    /// <summary>Sets the parameters for all columns except the time. Adds parameters that do not exist yet.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="first">The index of the first parameter.</param>
    /// <param name="withOptional">True to include the optional columns.</param>
    public void PutInto(NpgsqlParameterCollection parameters, int first, bool withOptional)
    {
        Put(parameters, first, _positions, NpgsqlDbType.Bigint);
        Put(parameters, first + 1, _versions, NpgsqlDbType.Bigint);
        Put(parameters, first + 2, _ids, NpgsqlDbType.Uuid);
        Put(parameters, first + 3, _schemaVersions, NpgsqlDbType.Integer);
        Put(parameters, first + 4, _checksums, NpgsqlDbType.Integer);
        Put(parameters, first + 5, _streams, NpgsqlDbType.Text);
        Put(parameters, first + 6, _types, NpgsqlDbType.Text);
        Put(parameters, first + 7, _payloads, NpgsqlDbType.Bytea);
        if (!withOptional)
            return;
        Put(parameters, first + 8, _correlations ?? [], NpgsqlDbType.Uuid);
        Put(parameters, first + 9, _causations ?? [], NpgsqlDbType.Uuid);
        Put(parameters, first + 10, _contentTypes ?? [], NpgsqlDbType.Text);
        Put(parameters, first + 11, _sources ?? [], NpgsqlDbType.Text);
        Put(parameters, first + 12, _keys ?? [], NpgsqlDbType.Text);
        Put(parameters, first + 13, _tags ?? [], NpgsqlDbType.Text);
        Put(parameters, first + 14, _metadata ?? [], NpgsqlDbType.Bytea);
    }

    /// <summary>Sets the parameter with the times, after all others.</summary>
    public void PutTimesInto(NpgsqlParameterCollection parameters, int first) =>
        Put(parameters, first + 15, _times, NpgsqlDbType.TimestampTz);

    private void AddOptional(EncodedEvent encoded)
    {
        if (encoded.CorrelationId is { } correlation)
            (_correlations ??= new Guid?[_count])[_next] = correlation;
        if (encoded.CausationId is { } causation)
            (_causations ??= new Guid?[_count])[_next] = causation;
        if (encoded.ContentType != EventContentType.Json)
            (_contentTypes ??= new string?[_count])[_next] = encoded.ContentType;
        if (encoded.Source is { } source)
            (_sources ??= new string?[_count])[_next] = source;
        if (encoded.EncryptionKeyId is { } key)
            (_keys ??= new string?[_count])[_next] = key;
        if (TagArray.Format(encoded.Tags) is { } tags)
            (_tags ??= new string?[_count])[_next] = tags;
        if (!encoded.MetadataBytes.IsEmpty)
            (_metadata ??= new ReadOnlyMemory<byte>?[_count])[_next] = encoded.MetadataBytes;
    }

    private static void Put<T>(NpgsqlParameterCollection parameters, int index, T[] values, NpgsqlDbType type)
    {
        if (index < parameters.Count)
            ((NpgsqlParameter<T[]>)parameters[index]).TypedValue = values;
        else
            parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>
    /// Returns the SQL that converts the arrays to rows. The unnest calls are in the select list, which expands them in
    /// parallel. In the FROM clause, the server would first copy each array to a table in memory.
    /// </summary>
    private static string Unnest(int first, bool withOptional, bool withTimes) => $"""
        (SELECT unnest(${first}) AS position, unnest(${first + 1}) AS version, unnest(${first + 2}) AS id,
            unnest(${first + 3}) AS schema_version, unnest(${first + 4}) AS checksum, unnest(${first + 5}) AS stream,
            unnest(${first + 6}) AS type, unnest(${first + 7}) AS payload{(withOptional ? UnnestOptional(first + 8) : "")}{(
                withTimes ? $", unnest(${first + 15}) AS recorded_at" : "")}) u
        """;

    private static string UnnestOptional(int first) => $"""
        , unnest(${first}) AS correlation_id, unnest(${first + 1}) AS causation_id, unnest(${first + 2}) AS content_type,
            unnest(${first + 3}) AS source, unnest(${first + 4}) AS encryption_key_id, unnest(${first + 5}) AS tags,
            unnest(${first + 6}) AS metadata
        """;
}
