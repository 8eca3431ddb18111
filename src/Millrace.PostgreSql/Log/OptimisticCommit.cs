using System.Globalization;
using System.Runtime.CompilerServices;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Commits a batch of appends without conditions or other writes with one statement. The decision assumes the stream
/// versions instead of reading them. The statement takes the log's lock, finds the end of the log, checks the assumed
/// versions, and writes the whole batch there, or nothing.
/// </summary>
/// <remarks>
/// The statement sees the streams as of its start, which may be before it gets the lock. If an append was committed in
/// between, it has taken the version, and the unique index on (stream, version) refuses the batch. A removal has
/// increased the generation. The resolution of a lost connection has increased it as well: a statement that reaches the
/// server afterwards writes nothing.
/// <para>The same index makes it unnecessary to look up the version of a stream that this node was the last to write.
/// While the generation is unchanged, the stream is open and has at least that version; if it has a later one, the
/// batch is refused. Only a sole node relies on this. If other nodes write to the same streams, refusals would be
/// frequent, and cost more than a lookup.</para>
/// </remarks>
internal sealed class OptimisticCommit(Database database, ClockCheck clock, LogChanges changes)
    : ICommitStrategy
{
    private const int MaxGeneralCommits = 64;

    private readonly StreamVersions _versions = new();
    private readonly KnownFences _fences = new();
    private readonly SingleStatement _single = new(database, clock);
    // Most batches have no tags, metadata or other optional values. A statement without these columns saves
    // node and server the handling of empty arrays.
    private readonly BatchStatement _plain = new(database, clock, withOptional: false);
    private readonly BatchStatement _withOptional = new(database, clock, withOptional: true);
    private readonly string _findLocation =
        $"SELECT position, recorded_at FROM {database.Tables.Events} WHERE stream = $1 AND version = $2";
    private long? _generation;
    private int _misses;
    private int _generalCommits;

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

    /// <summary>The number of batches committed this way without a lookup of a stream.</summary>
    public long HitsWithoutLookup { get; private set; }

    /// <summary>The number of batches committed this way with several events and no optional columns.</summary>
    public long PlainHits => _plain.Hits;

    /// <summary>The number of batches committed this way with a single event.</summary>
    public long SingleHits => _single.Hits;

    /// <summary>
    /// Returns the call that takes the log's lock, within the lock timeout, and finds the end of the log.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="generation">The parameter with the known generation.</param>
    /// <param name="recordedTime">The parameter with the time to record; null for the database's time.</param>
    public static string AcquireLogLock(Database database, string generation, string recordedTime)
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
            $"{database.Tables.AcquireLogLock}({first}, {lockKey}, {generation}, {recordedTime})");
    }

    /// <summary>
    /// Commits the batch, or declines it when nothing was written and the batch must be committed by
    /// <see cref="GeneralCommit"/>.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CommitStepResult> TryCommit(NpgsqlConnection connection, CommitAttempt attempt)
    {
        if (!IsEnabled || _generation is not { } generation || (_generalCommits > 0 && _generalCommits-- > 0))
            return CommitStepResult.Declined;
        var facts = new OptimisticFacts();
        var fences = database.HasOwnCommits ? _fences : null;
        if (!facts.Assume(attempt.Batch, _versions, CanTrustVersions ? generation : null, fences, generation))
            return CommitStepResult.Declined;
        var outcomes = CommitDecision.Decide(attempt.Batch, facts, attempt.Now);
        var count = EventArrays.CountEvents(attempt.Batch, outcomes, 0, outcomes.Length);
        if (facts.IsIncomplete || count == 0)
            return CommitStepResult.Declined;
        if (HasRefusal(outcomes))
            facts.RequireAllVersions();
        (DateTimeOffset Moment, long LastPosition)? end;
        try
        {
            end = await Write(connection, attempt, outcomes, facts, (generation, _versions.LastPosition), count)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgreSqlErrors.IsConnectionLost(failure))
        {
            return CommitStepResult.Lost(failure, outcomes, facts: null, assumedBy: this);
        }
        if (end is not { } found)
        {
            RecordMiss();
            return CommitStepResult.Declined; // The next decision reads the facts.
        }
        _misses = 0;
        Hits++;
        if (facts.Unverified.Count == 0)
            HitsWithoutLookup++;
        outcomes = CommitDecision.Rebase(outcomes, found.LastPosition, found.Moment);
        _versions.RecordCommit(attempt.Batch, outcomes, generation);
        if (facts.VerifiesFences)
            _fences.RecordCommit(attempt.Batch, outcomes, generation, unusedPrefix: null);
        return CommitStepResult.Committed(outcomes);
    }

    /// <summary>Returns the outcomes of a committed batch from the positions at which its events are.</summary>
    public async ValueTask<CommitOutcome[]> ReadOutcomes(
        NpgsqlConnection connection, CommitAttempt attempt, CommitStepResult step, CancellationToken cancellationToken)
    {
        foreach (var (append, placement) in CommitMarkers.AppendsOf(attempt.Batch, step.Outcomes))
        {
            var command = connection.Command(_findLocation).With(append.Stream.Value).With(placement.FirstVersion);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            // Events of other appends may have been removed since.
            if (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                return CommitDecision.Rebase(
                    step.Outcomes, row.GetInt64(0) - placement.FirstPosition, row.GetTime(1));
        }
        throw new StorageException("An event that was just read has disappeared.", StorageProblem.Damaged);
    }

    /// <summary>Records the generation and the stream versions after a commit that read its facts.</summary>
    public void RecordCommit(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, BatchFacts facts)
    {
        if (facts.LastPosition < _versions.LastPosition)
        {
            _versions.Clear(); // The log was restored: the last writes are missing.
            _fences.Clear();
        }
        _versions.RecordCommit(batch, outcomes, facts.Generation);
        _fences.RecordCommit(batch, outcomes, facts.Generation, facts.UnusedFences);
        _generation = batch.Any(request => request.Removals.Count > 0) ? null : facts.Generation;
    }

    /// <summary>
    /// Records that the assumptions were wrong. The next batches are committed by <see cref="GeneralCommit"/>, and more
    /// of them after each miss.
    /// </summary>
    public void RecordMiss()
    {
        _misses = Math.Min(_misses + 1, 30);
        _generalCommits = Math.Min(1 << (_misses - 1), MaxGeneralCommits);
    }

    /// <summary>Forgets all assumptions, because the outcome of the last write is unknown.</summary>
    public void Forget()
    {
        _generation = null;
        _versions.Clear();
        _fences.Clear();
    }

    /// <summary>
    /// Returns whether all guards are fences that a commit has checked in the known generation. Without guards, the
    /// result is true. Behind a pooler, no fence is known.
    /// </summary>
    public bool HoldsFences(IReadOnlyList<StreamGuard> guards) =>
        guards.Count == 0 || (database.HasOwnCommits && _generation is { } known && _fences.Hold(guards, known));

    private static bool HasRefusal(CommitOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Result != CommitResult.Committed)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Writes the accepted requests, and returns their time and the position before them; null if the statement wrote
    /// nothing.
    /// </summary>
    private ValueTask<(DateTimeOffset Moment, long LastPosition)?> Write(
        NpgsqlConnection connection,
        CommitAttempt attempt,
        CommitOutcome[] outcomes,
        OptimisticFacts facts,
        (long Generation, long MinPosition) known,
        int count)
    {
        if (count > 1 || facts.Streams > 1 || facts.VerifiesFences)
        {
            var events = EventArrays.Of(attempt.Batch, outcomes, 0, outcomes.Length, count);
            return (events.HasOptional ? _withOptional : _plain).Run(
                connection, attempt.Now, facts.Unverified, known, events);
        }
        // Exactly one request is accepted, with one append.
        var index = Array.FindIndex(outcomes, static outcome => outcome.Result == CommitResult.Committed);
        return _single.Run(
            connection,
            attempt.Now,
            (known.Generation, known.MinPosition, facts.Unverified.Count == 0),
            attempt.Batch[index].Appends[0],
            outcomes[index].Placements[0].FirstVersion);
    }
}
