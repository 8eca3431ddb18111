using System.Data;
using Millrace.PostgreSql.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// One form of the optimistic statement for a batch of events, with an array for each column. Its command is created
/// once for a connection.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="clock">The check of the database's clock.</param>
/// <param name="withOptional">True to write the columns that few events use.</param>
internal sealed class BatchStatement(Database database, ClockCheck clock, bool withOptional)
{
    private const int FixedParameters = 6; // Followed by those of the events.

    private readonly string _sql = $"""
        WITH turn AS MATERIALIZED (SELECT t.moment, t.last_position FROM {OptimisticCommit.AcquireLogLock(database, "$1", "$2")} t),
        held AS MATERIALIZED (
            SELECT turn.moment, turn.last_position FROM turn
            WHERE turn.moment IS NOT NULL AND turn.last_position >= $6 AND {clock.Sql("turn", "$5")} AND NOT EXISTS (
                SELECT FROM unnest($3, $4) AS s (stream, version)
                WHERE s.version <> coalesce(
                        (SELECT e.version FROM {database.Tables.Events} e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1), 0)
                    OR EXISTS (SELECT FROM {database.Tables.StreamBounds} b WHERE b.stream = s.stream AND b.state <> 0))),
        written AS ({EventArrays.InsertWhere(database.Tables, "held", FixedParameters + 1, withOptional)})
        SELECT moment, last_position FROM held
        """;

    private readonly NpgsqlParameter<long> _generation = new();
    private readonly NpgsqlParameter _recordedTime = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<string[]> _streams = new();
    private readonly NpgsqlParameter<long[]> _versions = new();
    private readonly NpgsqlParameter _nodeTime = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<long> _minPosition = new();
    private NpgsqlCommand? _command;

    /// <summary>The number of batches written this way.</summary>
    public long Hits { get; private set; }

    /// <summary>
    /// Writes the events, and returns their time and the position before them; null if the statement wrote nothing.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="now">The time of the writer's clock.</param>
    /// <param name="unverified">The streams whose versions the statement must check.</param>
    /// <param name="known">The generation, and the position that the log must have reached.</param>
    /// <param name="events">The events to write.</param>
    public async ValueTask<(DateTimeOffset Moment, long LastPosition)?> Run(
        NpgsqlConnection connection,
        DateTimeOffset now,
        IReadOnlyList<(StreamId Stream, long Version)> unverified,
        (long Generation, long MinPosition) known,
        EventArrays events)
    {
        var command = CommandOn(connection);
        (_generation.TypedValue, _minPosition.TypedValue) = known;
        _recordedTime.Value = database.Options.Clock == PostgreSqlClock.Node ? now.UtcDateTime : DBNull.Value;
        _nodeTime.Value = clock.NodeTime(now) is { } nodeTime ? nodeTime : DBNull.Value;
        SetStreams(unverified);
        events.PutInto(command.Parameters, FixedParameters, withOptional);
        var row = await command
            .ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None)
            .ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        if (!await row.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            return null;
        Hits++;
        return (row.GetTime(0), row.GetInt64(1));
    }

    private void SetStreams(IReadOnlyList<(StreamId Stream, long Version)> unverified)
    {
        var streams = new string[unverified.Count];
        var versions = new long[unverified.Count];
        for (var i = 0; i < streams.Length; i++)
        {
            streams[i] = unverified[i].Stream.Value;
            versions[i] = unverified[i].Version;
        }
        _streams.TypedValue = streams;
        _versions.TypedValue = versions;
    }

    /// <summary>Returns the command, which stays prepared while the connection is open.</summary>
    private NpgsqlCommand CommandOn(NpgsqlConnection connection)
    {
        if (_command is { } known && known.Connection == connection)
            return known;
        _command?.Parameters.Clear(); // A parameter belongs to one command at a time.
        var command = connection.Command(_sql);
        NpgsqlParameter[] parameters = [_generation, _recordedTime, _streams, _versions, _nodeTime, _minPosition];
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return _command = command;
    }
}
