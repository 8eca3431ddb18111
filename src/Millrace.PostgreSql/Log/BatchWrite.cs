using System.Data;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>The fast statement for a batch of events, with an array for each column; its command is made once for a connection.</summary>
internal sealed class BatchWrite(Database database, ClockCheck clock)
{
    private const int OwnParameters = 6; // The events' follow.

    private readonly string _sql = $"""
        WITH turn AS MATERIALIZED (SELECT t.moment, t.last_position FROM {FastCommit.TakeTurn(database, "$1", "$2")} t),
        held AS MATERIALIZED (
            SELECT turn.moment, turn.last_position FROM turn
            WHERE turn.moment IS NOT NULL AND turn.last_position >= $6 AND {clock.Sql("turn", "$5")} AND NOT EXISTS (
                SELECT FROM unnest($3, $4) AS s (stream, version)
                WHERE s.version <> coalesce(
                        (SELECT e.version FROM {database.Tables.Events} e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1), 0)
                    OR EXISTS (SELECT FROM {database.Tables.StreamBounds} b WHERE b.stream = s.stream AND b.state <> 0))),
        written AS ({EventArrays.InsertWhere(database.Tables, "held", OwnParameters + 1)})
        SELECT moment, last_position FROM held
        """;

    private readonly NpgsqlParameter<long> _turn = new();
    private readonly NpgsqlParameter _given = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<string[]> _streams = new();
    private readonly NpgsqlParameter<long[]> _versions = new();
    private readonly NpgsqlParameter _nodeTime = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<long> _least = new();
    private NpgsqlCommand? _command;

    /// <summary>Writes the events, and returns when and behind which position; null when they were not to be written.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="attempt">What was decided.</param>
    /// <param name="facts">What was assumed.</param>
    /// <param name="known">The turn, and the position that the log must reach.</param>
    /// <param name="count">How many events.</param>
    public async ValueTask<(DateTimeOffset Moment, long LastPosition)?> Run(
        NpgsqlConnection connection, CommitAttempt attempt, AssumedFacts facts, (long Turn, long LeastPosition) known, int count)
    {
        var command = CommandOn(connection);
        (_turn.TypedValue, _least.TypedValue) = known;
        _given.Value = database.Options.Clock == PostgreSqlClock.Node ? attempt.Now.UtcDateTime : DBNull.Value;
        _nodeTime.Value = clock.NodeTime(attempt) is { } now ? now : DBNull.Value;
        SetStreams(facts.Unsure);
        EventsOf(attempt, count).PutInto(command.Parameters, OwnParameters);
        var row = await command.ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        return await row.ReadAsync(CancellationToken.None).ConfigureAwait(false) ? (row.GetTime(0), row.GetInt64(1)) : null;
    }

    private static EventArrays EventsOf(CommitAttempt attempt, int count)
    {
        var events = new EventArrays(count);
        for (var i = 0; i < attempt.Outcomes!.Length; i++) // Just decided.
        {
            var outcome = attempt.Outcomes[i];
            for (var j = 0; outcome.Result == CommitResult.Committed && j < outcome.Placements.Count; j++)
                events.Add(attempt.Batch[i].Appends[j], outcome.Placements[j], outcome.Timestamp);
        }
        return events;
    }

    private void SetStreams(IReadOnlyList<(StreamId Stream, long Version)> unsure)
    {
        var (streams, versions) = (new string[unsure.Count], new long[unsure.Count]);
        for (var i = 0; i < streams.Length; i++)
            (streams[i], versions[i]) = (unsure[i].Stream.Value, unsure[i].Version);
        (_streams.TypedValue, _versions.TypedValue) = (streams, versions);
    }

    /// <summary>The command, which stays prepared as long as the connection stays open.</summary>
    private NpgsqlCommand CommandOn(NpgsqlConnection connection)
    {
        if (_command is { } known && known.Connection == connection)
            return known;
        _command?.Parameters.Clear(); // They belong to one command at a time.
        var command = connection.Command(_sql);
        foreach (var parameter in (NpgsqlParameter[])[_turn, _given, _streams, _versions, _nodeTime, _least])
            command.Parameters.Add(parameter);
        return _command = command;
    }
}
