using System.Globalization;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Commits a batch of plain appends with one statement. The batch is decided on assumed facts. The statement takes the
/// log's lock, finds the end of the log, checks the assumed stream versions, and writes the whole batch there, or
/// nothing.
/// </summary>
/// <remarks>
/// The statement sees the streams as of its start, which may be before it gets the lock. If an append was committed in
/// between, it has taken the version, and the unique index on (stream, version) refuses the batch. A removal has
/// increased the generation. So has the resolution of a lost connection: a statement that reaches the server afterwards
/// writes nothing.
/// <para>The same index makes it unnecessary to look up the version of a stream that this node was the last to write.
/// While the generation is unchanged, the stream is open and has at least that version; if it has a later one, the
/// batch is refused. Only a sole node relies on this. If other nodes write to the same streams, refusals would be
/// frequent, and cost more than a lookup.</para>
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

    /// <summary>The known generation of the log; null if unknown.</summary>
    public long? Generation => _generation;

    /// <summary>True to try this way at all; false in tests that compare both ways.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>
    /// True when the stream versions that this node wrote last can be assumed. Behind a pooler they cannot: a write on
    /// one server may be missing on the server that is queried next, without any indication.
    /// </summary>
    private bool CanTrustVersions => database.HasOwnCommits && changes.IsAlone;

    /// <summary>The number of batches committed this way.</summary>
    public long Hits { get; private set; }

    /// <summary>The number of those batches that looked up no stream.</summary>
    public long HitsWithoutLookup { get; private set; }

    /// <summary>The number of those batches that wrote several events with the required columns only.</summary>
    public long PlainHits => _batch.PlainHits;

    /// <summary>The number of those batches that wrote a single event.</summary>
    public long SingleHits => _single.Hits;

    /// <summary>
    /// Returns the call that takes the log's lock, within the lock timeout, and finds the end of the log.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="generation">The parameter with the known generation.</param>
    /// <param name="given">The parameter with the time to record; null for the database's time.</param>
    public static string AcquireLogLock(Database database, string generation, string given)
    {
        var (lockClass, lockKey) = database.Tables.LogLock;
        var first = lockClass.ToString(CultureInfo.InvariantCulture);
        if (!database.HasOwnCommits) // A dedicated connection has the timeout as a setting.
        {
            var limit = Database.Milliseconds(database.LockWait);
            first = $"CASE WHEN set_config('lock_timeout', '{limit}', true) IS NOT NULL THEN {first} END";
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{database.Tables.AcquireLogLock}({first}, {lockKey}, {generation}, {given})");
    }

    /// <summary>
    /// Commits the batch, or returns null when nothing was written and the batch must be committed by
    /// <see cref="GeneralCommit"/>.
    /// </summary>
    public async ValueTask<CommitOutcome[]?> Try(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || _generation is not { } generation || (_generalLeft > 0 && _generalLeft-- > 0))
            return null;
        var facts = new OptimisticFacts();
        if (!facts.Assume(attempt.Batch, _versions, CanTrustVersions ? generation : null))
            return null;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        var count = CountEvents(attempt.Batch, outcomes);
        if (facts.IsIncomplete || count == 0)
            return null;
        if (HasRefusal(outcomes))
            facts.RequireAllVersions();
        attempt.Outcomes = outcomes;
        attempt.OptimisticFacts = facts;
        attempt.MayBeCommitted = true;
        var end = count == 1 && facts.Streams == 1
            ? await WriteSingle(connection, attempt, facts, generation).ConfigureAwait(false)
            : await _batch
                .Run(connection, attempt, facts, (generation, _versions.LastPosition), count)
                .ConfigureAwait(false);
        attempt.MayBeCommitted = false;
        if (end is not { } found)
        {
            // The next decision reads the facts.
            attempt.Outcomes = null;
            attempt.OptimisticFacts = null;
            RecordMiss();
            return null;
        }
        _misses = 0;
        Hits++;
        if (facts.Unverified.Count == 0)
            HitsWithoutLookup++;
        attempt.Outcomes = attempt.Rebase(found.LastPosition, found.Moment);
        attempt.OptimisticFacts = null;
        return attempt.Outcomes;
    }

    /// <summary>Records the generation and the stream versions after a commit.</summary>
    public void RecordCommit(CommitAttempt attempt, BatchFacts? facts)
    {
        if (attempt.Outcomes is not { } outcomes)
            return;
        if (facts?.LastPosition < _versions.LastPosition)
            _versions.Clear(); // The log was restored: the last writes are missing.
        if ((facts?.Generation ?? _generation) is not { } generation)
            return;
        _versions.RecordCommit(attempt.Batch, outcomes, generation);
        if (facts is not null)
            _generation = attempt.Batch.Any(request => request.Removals.Count > 0) ? null : generation;
    }

    /// <summary>
    /// Records that the assumptions were wrong. The next batches are committed by <see cref="GeneralCommit"/>, and more
    /// of them after each miss.
    /// </summary>
    public void RecordMiss()
    {
        _misses = Math.Min(_misses + 1, 30);
        _generalLeft = Math.Min(1 << (_misses - 1), MaxGeneralCommits);
    }

    /// <summary>Forgets all assumptions, because the outcome of the last write is unknown.</summary>
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
        NpgsqlConnection connection, CommitAttempt attempt, OptimisticFacts facts, long generation)
    {
        // Decided above: exactly one request is committed, with one append.
        var index = Array.FindIndex(attempt.Outcomes!, static outcome => outcome.Result == CommitResult.Committed);
        return _single.Run(
            connection,
            attempt,
            (generation, _versions.LastPosition, facts.Unverified.Count == 0),
            attempt.Batch[index].Appends[0],
            attempt.Outcomes![index].Placements[0].FirstVersion);
    }
}
