using System.Data;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits a batch of plain appends by one statement, which commits itself: decided on assumed facts, it takes the log's lock, looks
/// where the log ends, checks that the streams have the versions assumed, and writes the batch there, or nothing.
/// </summary>
/// <remarks>
/// The statement sees the streams as they stood when it began, perhaps before it got the lock. An append that came between has taken the
/// version, so that the unique index on (stream, version) refuses the batch; a removal has moved the turn. A statement that reaches the
/// server after its node gave it up finds the turn moved as well.
/// </remarks>
internal sealed class FastCommit(Database database, ClockCheck clock)
{
    private const int MostGeneral = 64;
    private const int FirstEventParameter = 8;

    private readonly StreamVersions _versions = new();
    private readonly string _write = $"""
        WITH limits AS MATERIALIZED (
            SELECT set_config('lock_timeout', '{Database.Milliseconds(database.LockWait)}', true) AS lock_timeout),
        turn AS MATERIALIZED (
            SELECT t.moment, t.last_position FROM limits
            CROSS JOIN LATERAL {database.Tables.TakeTurn}(CASE WHEN limits.lock_timeout IS NOT NULL THEN $1 END, $2, $3, $4) t),
        held AS MATERIALIZED (
            SELECT turn.moment, turn.last_position FROM turn
            WHERE turn.moment IS NOT NULL AND {clock.Sql("turn", "$7")} AND NOT EXISTS (
                SELECT FROM unnest($5, $6) AS s (stream, version)
                WHERE s.version <> coalesce(
                        (SELECT e.version FROM {database.Tables.Events} e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1), 0)
                    OR EXISTS (SELECT FROM {database.Tables.StreamBounds} b WHERE b.stream = s.stream AND b.state <> 0))),
        written AS ({EventArrays.InsertWhere(database.Tables, "held", FirstEventParameter)})
        SELECT moment, last_position FROM held
        """;

    private long? _turn;
    private int _misses;
    private int _generalLeft;

    /// <summary>Whether it is tried at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>How many batches were written so.</summary>
    public long Hits { get; private set; }

    /// <summary>Commits the batch, or returns null when nothing was written and it has to be committed the general way.</summary>
    public async ValueTask<CommitOutcome[]?> Try(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || _turn is not { } turn || (_generalLeft > 0 && _generalLeft-- > 0))
            return null;
        var facts = new AssumedFacts();
        if (!facts.Assume(attempt.Batch, _versions))
            return null;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        var count = CountEvents(attempt.Batch, outcomes);
        if (facts.IsShort || count == 0)
            return null;
        attempt.Outcomes = outcomes;
        attempt.Assumed = facts;
        attempt.MayBeCommitted = true;
        var end = await Write(connection, attempt, facts, turn, count).ConfigureAwait(false);
        attempt.MayBeCommitted = false;
        if (end is not { } found)
        {
            (attempt.Outcomes, attempt.Assumed) = (null, null); // What is decided next is decided on facts.
            Missed();
            return null;
        }
        (_misses, Hits) = (0, Hits + 1);
        return attempt.Outcomes = attempt.DecideAgain(found.LastPosition, found.Moment);
    }

    /// <summary>Notes how the log stands after a commit.</summary>
    public void Note(CommitAttempt attempt, BatchFacts? facts)
    {
        if (attempt.Outcomes is not { } outcomes)
            return;
        _versions.Note(attempt.Batch, outcomes);
        if (facts is not null)
            _turn = attempt.Batch.Any(request => request.Removals.Count > 0) ? null : facts.Turn;
    }

    /// <summary>Notes that the assumptions did not hold: the next batches go the general way, more of them each time.</summary>
    public void Missed()
    {
        _misses = Math.Min(_misses + 1, 30);
        _generalLeft = Math.Min(1 << (_misses - 1), MostGeneral);
    }

    /// <summary>Forgets all that was assumed, because what was last written is not known.</summary>
    public void Forget()
    {
        _turn = null;
        _versions.Clear();
    }

    private static int CountEvents(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        var count = 0;
        for (var i = 0; i < outcomes.Length; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Appends.Count; j++)
                count += batch[i].Appends[j].Events.Count;
        }
        return count;
    }

    private async ValueTask<(DateTimeOffset Moment, long LastPosition)?> Write(
        NpgsqlConnection connection, CommitAttempt attempt, AssumedFacts facts, long turn, int count)
    {
        var events = new EventArrays(count);
        for (var i = 0; i < attempt.Outcomes!.Length; i++) // Just decided.
        {
            var outcome = attempt.Outcomes[i];
            for (var j = 0; outcome.Result == CommitResult.Committed && j < outcome.Placements.Count; j++)
                events.Add(attempt.Batch[i].Appends[j], outcome.Placements[j], outcome.Timestamp);
        }
        var (streams, versions) = (new string[facts.Streams.Count], new long[facts.Streams.Count]);
        var next = 0;
        foreach (var (stream, head) in facts.Streams)
            (streams[next], versions[next++]) = (stream.Value, head.Version);
        var (lockClass, lockKey) = database.Tables.LogLock;
        var given = database.Options.Clock == PostgreSqlClock.Node ? attempt.Now.UtcDateTime : (DateTime?)null;
        var command = connection.Command(_write).With(lockClass).With(lockKey).With(turn)
            .With(given, NpgsqlDbType.TimestampTz)
            .With(streams).With(versions).With(clock.NodeTime(attempt), NpgsqlDbType.TimestampTz);
        await using var _ = command.ConfigureAwait(false);
        events.AddTo(command.Parameters);
        var row = await command.ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(CancellationToken.None).ConfigureAwait(false) ? (row.GetTime(0), row.GetInt64(1)) : null;
    }
}
