using System.Globalization;
using Millrace.Storage;
using Npgsql;

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

    private readonly StreamVersions _versions = new();
    private readonly BatchWrite _batch = new(database, clock);
    private readonly SingleWrite _single = new(database, clock);
    private long? _turn;
    private int _misses;
    private int _generalLeft;

    /// <summary>What counts the things that whoever assumes must notice; null where it is not known.</summary>
    public long? Turn => _turn;

    /// <summary>Whether it is tried at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>How many batches were written so.</summary>
    public long Hits { get; private set; }

    /// <summary>How many of those wrote a single event.</summary>
    public long SingleHits => _single.Hits;

    /// <summary>The call that waits for the log's lock, not for longer than it may, and sees where the log ends.</summary>
    /// <param name="database">The database.</param>
    /// <param name="turn">The parameter with the turn that is known.</param>
    /// <param name="given">The parameter with the time that is given; null for the database's.</param>
    public static string TakeTurn(Database database, string turn, string given)
    {
        var (lockClass, lockKey) = database.Tables.LogLock;
        var first = lockClass.ToString(CultureInfo.InvariantCulture);
        if (!database.HasOwnCommits) // There the connection waits no longer than it may.
        {
            var limit = Database.Milliseconds(database.LockWait);
            first = $"CASE WHEN set_config('lock_timeout', '{limit}', true) IS NOT NULL THEN {first} END";
        }
        return string.Create(CultureInfo.InvariantCulture, $"{database.Tables.TakeTurn}({first}, {lockKey}, {turn}, {given})");
    }

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
        var end = count == 1 && facts.Streams.Count == 1
            ? await WriteSingle(connection, attempt, turn).ConfigureAwait(false)
            : await _batch.Run(connection, attempt, facts, turn, count).ConfigureAwait(false);
        attempt.MayBeCommitted = false;
        if (end is not { } found)
        {
            (attempt.Outcomes, attempt.Assumed) = (null, null); // What is decided next is decided on facts.
            Missed();
            return null;
        }
        (_misses, Hits) = (0, Hits + 1);
        return attempt.Outcomes = attempt.MoveBehind(found.LastPosition, found.Moment);
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

    private ValueTask<(DateTimeOffset Moment, long LastPosition)?> WriteSingle(
        NpgsqlConnection connection, CommitAttempt attempt, long turn)
    {
        // Just decided: one of them is committed, with one append.
        var index = Array.FindIndex(attempt.Outcomes!, static one => one.Result == CommitResult.Committed);
        return _single.Run(
            connection, attempt, turn, attempt.Batch[index].Appends[0], attempt.Outcomes![index].Placements[0].FirstVersion);
    }
}
