using System.Globalization;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits a batch of plain appends by one statement, which commits itself: decided on assumed facts, it takes the
/// log's lock, looks where the log ends, checks that the streams have the versions assumed, and writes the batch there,
/// or nothing.
/// </summary>
/// <remarks>
/// The statement sees the streams as they stood when it began, perhaps before it got the lock. An append that came
/// between has taken the version, so that the unique index on (stream, version) refuses the batch; a removal has moved
/// the turn. A statement that reaches the server after its node gave it up finds the turn moved as well.
/// The same index makes it needless to look up the version of a stream that this node itself has written last: while
/// the turn is the same the stream is open and has that version or a later one, and then the batch is refused. So it is
/// done by a node that is alone. Where others write to the same streams, a refusal would be frequent, and costs more
/// than looking.
/// </remarks>
internal sealed class OptimisticCommit(Database database, ClockCheck clock, LogChanges changes)
{
    private const int MaxGeneralCommits = 64;

    private readonly StreamVersions _versions = new();
    private readonly BatchWrite _batch = new(database, clock);
    private readonly SingleWrite _single = new(database, clock);
    private long? _generation;
    private int _misses;
    private int _generalLeft;

    /// <summary>What counts the things that whoever assumes must notice; null where it is not known.</summary>
    public long? Generation => _generation;

    /// <summary>Whether it is tried at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>
    /// Whether the versions of streams that this node wrote last are taken for granted. Behind a pooler, what was
    /// written on one server may be missing on the one that is asked next, with nothing to tell.
    /// </summary>
    private bool CanTrustVersions => database.HasOwnCommits && changes.IsAlone;

    /// <summary>How many batches were written so.</summary>
    public long Hits { get; private set; }

    /// <summary>How many of those looked up no stream.</summary>
    public long HitsWithoutLookup { get; private set; }

    /// <summary>How many of those wrote several events, and no column but those that every event has.</summary>
    public long PlainHits => _batch.PlainHits;

    /// <summary>How many of those wrote a single event.</summary>
    public long SingleHits => _single.Hits;

    /// <summary>The call that waits for the log's lock, not for longer than it may, and sees where the log
    /// ends.</summary>
    /// <param name="database">The database.</param>
    /// <param name="turn">The parameter with the turn that is known.</param>
    /// <param name="given">The parameter with the time that is given; null for the database's.</param>
    public static string AcquireLogLock(Database database, string turn, string given)
    {
        var (lockClass, lockKey) = database.Tables.LogLock;
        var first = lockClass.ToString(CultureInfo.InvariantCulture);
        if (!database.HasOwnCommits) // There the connection waits no longer than it may.
        {
            var limit = Database.Milliseconds(database.LockWait);
            first = $"CASE WHEN set_config('lock_timeout', '{limit}', true) IS NOT NULL THEN {first} END";
        }
        return string.Create(
            CultureInfo.InvariantCulture, $"{database.Tables.AcquireLogLock}({first}, {lockKey}, {turn}, {given})");
    }

    /// <summary>Commits the batch, or returns null when nothing was written and it has to be committed the general
    /// way.</summary>
    public async ValueTask<CommitOutcome[]?> Try(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || _generation is not { } turn || (_generalLeft > 0 && _generalLeft-- > 0))
            return null;
        var facts = new OptimisticFacts();
        if (!facts.Assume(attempt.Batch, _versions, CanTrustVersions ? turn : null))
            return null;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        var count = CountEvents(attempt.Batch, outcomes);
        if (facts.IsShort || count == 0)
            return null;
        if (HasRefusal(outcomes))
            facts.RequireAllVersions();
        attempt.Outcomes = outcomes;
        attempt.OptimisticFacts = facts;
        attempt.MayBeCommitted = true;
        var end = count == 1 && facts.Streams == 1
            ? await WriteSingle(connection, attempt, facts, turn).ConfigureAwait(false)
            : await _batch.Run(connection, attempt, facts, (turn, _versions.LastPosition), count).ConfigureAwait(false);
        attempt.MayBeCommitted = false;
        if (end is not { } found)
        {
            (attempt.Outcomes, attempt.OptimisticFacts) = (null, null); // What is decided next is decided on facts.
            Missed();
            return null;
        }
        (_misses, Hits, HitsWithoutLookup) = (0, Hits + 1, HitsWithoutLookup + (facts.Unverified.Count == 0 ? 1 : 0));
        (attempt.Outcomes, attempt.OptimisticFacts) = (attempt.Rebase(found.LastPosition, found.Moment), null);
        return attempt.Outcomes;
    }

    /// <summary>Notes how the log stands after a commit.</summary>
    public void Note(CommitAttempt attempt, BatchFacts? facts)
    {
        if (attempt.Outcomes is not { } outcomes)
            return;
        if (facts?.LastPosition < _versions.LastPosition)
            _versions.Clear(); // The log was set back: what was written last is not there any more.
        if ((facts?.Generation ?? _generation) is not { } turn)
            return;
        _versions.Note(attempt.Batch, outcomes, turn);
        if (facts is not null)
            _generation = attempt.Batch.Any(request => request.Removals.Count > 0) ? null : turn;
    }

    /// <summary>Notes that the assumptions did not hold: the next batches go the general way, more of them each
    /// time.</summary>
    public void Missed()
    {
        _misses = Math.Min(_misses + 1, 30);
        _generalLeft = Math.Min(1 << (_misses - 1), MaxGeneralCommits);
    }

    /// <summary>Forgets all that was assumed, because what was last written is not known.</summary>
    public void Forget()
    {
        _generation = null;
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

    private static bool HasRefusal(CommitOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Result != CommitResult.Committed)
                return true;
        }
        return false;
    }

    private ValueTask<(DateTimeOffset Moment, long LastPosition)?> WriteSingle(
        NpgsqlConnection connection, CommitAttempt attempt, OptimisticFacts facts, long turn)
    {
        // Just decided: one of them is committed, with one append.
        var index = Array.FindIndex(attempt.Outcomes!, static one => one.Result == CommitResult.Committed);
        return _single.Run(
            connection,
            attempt,
            (turn, _versions.LastPosition, facts.Unverified.Count == 0),
            attempt.Batch[index].Appends[0],
            attempt.Outcomes![index].Placements[0].FirstVersion);
    }
}
