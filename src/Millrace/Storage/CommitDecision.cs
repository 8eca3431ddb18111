using System.Globalization;

namespace Millrace.Storage;

/// <summary>
/// Decides the requests of a batch in order, based on the facts of the store and the earlier requests. All storages use
/// this class, which has no side effects.
/// </summary>
/// <remarks>
/// A storage acquires the log's lock, reads the facts and calls this class. If the outcome of a request is
/// <see cref="CommitResult.Committed"/>, the storage writes its events at the <see cref="CommitOutcome.Placements"/>,
/// and its documents with the <see cref="CommitOutcome.DocumentVersion"/>. A storage must not add its own rules.
/// </remarks>
public static class CommitDecision
{
    /// <summary>Decides a batch.</summary>
    /// <param name="batch">The requests, in order.</param>
    /// <param name="facts">The facts of the store.</param>
    /// <param name="now">The current time. If the last time in the log is later, that time is recorded instead.</param>
    /// <returns>The outcomes of the requests, in order.</returns>
    public static CommitOutcome[] Decide(IReadOnlyList<CommitRequest> batch, ICommitFacts facts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(facts);
        var time = now > facts.LastTimestamp ? now : facts.LastTimestamp;
        time = BatchState.TruncateToMicroseconds(time);
        var state = new BatchState(facts, time < facts.LastTimestamp ? facts.LastTimestamp : time, batch.Count);
        var outcomes = new CommitOutcome[batch.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = DecideOne(batch[i], state);
        return outcomes;
    }

    /// <summary>
    /// Moves outcomes to the actual end of the log. The outcomes were decided as if the log were empty, but with the
    /// streams at their current versions. A new decision at the actual end would have the same result.
    /// </summary>
    /// <param name="outcomes">The outcomes of requests that only append, at the current time.</param>
    /// <param name="lastPosition">The last position of the log before the outcomes.</param>
    /// <param name="now">The time to record for the events.</param>
    public static CommitOutcome[] Rebase(
        IReadOnlyList<CommitOutcome> outcomes, long lastPosition, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var time = BatchState.TruncateToMicroseconds(now);
        var rebased = new CommitOutcome[outcomes.Count];
        for (var i = 0; i < rebased.Length; i++)
            rebased[i] = outcomes[i].RebasedOn(lastPosition, time);
        return rebased;
    }

    private static CommitOutcome DecideOne(CommitRequest request, BatchState state)
    {
        for (var i = 0; i < request.Handled.Count; i++)
        {
            if (state.FindHandled(request.Handled[i]) is { } answer && !request.Handled[i].MayReplace(answer))
                return CommitOutcome.HandledBefore(answer);
        }
        var placements = request.Appends.Count == 0 ? [] : new AppendPlacement[request.Appends.Count];
        var refusal = AssignPositions(request.Appends, placements, state, out var isRepeated);
        if (refusal is null && isRepeated)
            return CommitOutcome.Repeated(placements, placements.Max(placement => placement.LastPosition));
        refusal ??= CheckOtherParts(request, placements, state) ?? CheckTime(request, state);
        if (refusal is not null)
            return CommitOutcome.Refused(refusal);
        var documentVersion = state.Accept(request, placements);
        return CommitOutcome.Committed(placements, state.LastPosition, state.TimeOf(request), documentVersion);
    }

    private static RecordedTimeException? CheckTime(CommitRequest request, BatchState state)
    {
        if (request.RecordedAt is null)
            return null;
        var time = state.TimeOf(request);
        return time < state.LastRecorded || time > state.Timestamp
            ? new RecordedTimeException(time, state.LastRecorded, state.Timestamp)
            : null;
    }

    private static MillraceException? CheckOtherParts(
        CommitRequest request, AppendPlacement[] placements, BatchState state)
    {
        MillraceException? refusal = null;
        for (var i = 0; i < request.Guards.Count && refusal is null; i++)
            refusal = CheckGuard(request.Guards[i], state);
        for (var i = 0; i < request.Conditions.Count && refusal is null; i++)
            refusal = CheckCondition(request.Conditions[i], state);
        for (var i = 0; i < request.Claims.Count && refusal is null; i++)
            refusal = CheckClaim(request.Claims, i, state);
        for (var i = 0; i < request.Documents.Count && refusal is null; i++)
            refusal = CheckDocument(request.Documents[i], state);
        for (var i = 0; i < request.Removals.Count && refusal is null; i++)
            refusal = CheckRemoval(request.Removals[i], HeadBeforeRemoval(request, placements, i, state));
        for (var i = 0; i < request.DeadLetters.Count && refusal is null; i++)
            refusal = CheckDeadLetter(request.DeadLetters[i].DeadLetter, state);
        return refusal ?? CheckCheckpoint(request.Checkpoint, state);
    }

    private static VersionConflictException? CheckGuard(StreamGuard guard, BatchState state)
    {
        var version = state.GetStream(guard.Stream).Version;
        return version == guard.Version
            ? null
            : new VersionConflictException(guard.Stream, ExpectedVersion.AsRead(guard.Version), version);
    }

    /// <summary>
    /// Places each append at the end of its stream, or detects that the streams already contain all events of the
    /// request.
    /// </summary>
    private static MillraceException? AssignPositions(
        IReadOnlyList<StreamAppend> appends, AppendPlacement[] placements, BatchState state, out bool isRepeated)
    {
        isRepeated = false;
        var position = state.LastPosition;
        var repeated = 0;
        for (var i = 0; i < appends.Count; i++)
        {
            var append = appends[i];
            var head = HeadWithin(appends, placements, i, append.Stream, state);
            var refusal = AssignPosition(append, head, state, ref position, out placements[i], out var isStored);
            if (refusal is not null)
                return refusal;
            repeated += isStored ? 1 : 0;
        }
        isRepeated = repeated > 0 && repeated == appends.Count;
        return repeated > 0 && !isRepeated ? PartlyRepeated(appends, placements, state) : null;
    }

    /// <summary>
    /// Returns the head of a stream. The head includes the first appends of the request, unless the stream already
    /// contained their events.
    /// </summary>
    private static StreamHead HeadWithin(
        IReadOnlyList<StreamAppend> appends,
        AppendPlacement[] placements,
        int count,
        StreamId stream,
        BatchState state)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            if (appends[i].Stream == stream && placements[i].FirstPosition > state.LastPosition)
                return state.GetStream(stream) with
                {
                    Version = placements[i].LastVersion,
                    State = StreamState.Open,
                };
        }
        return state.GetStream(stream);
    }

    private static MillraceException? AssignPosition(
        StreamAppend append,
        StreamHead head,
        BatchState state,
        ref long position,
        out AppendPlacement placement,
        out bool isStored)
    {
        placement = default;
        isStored = false;
        if (head.State == StreamState.Closed)
            return new StreamDeletedException(append.Stream, isClosed: true);
        var isExpected = append.Expected.Accepts(head.VisibleVersion);
        if (!isExpected || (!append.Expected.IsExact && append.Events[0].HasCallerId))
        {
            var found = FindRepetition(append, head, state);
            if (found.Refusal is not null)
                return found.Refusal;
            if (found.FirstVersion > 0)
            {
                placement = state.PlacementOf(append.Stream, found.FirstVersion, append.Events.Count);
                isStored = true;
                return null;
            }
        }
        if (!isExpected || (append.IsFirstOfStream && head.Version > 0))
            return new VersionConflictException(append.Stream, append.Expected, head.VisibleVersion);
        var count = append.Events.Count;
        placement = new AppendPlacement(head.Version + 1, head.Version + count, position + 1, position + count);
        position += count;
        return null;
    }

    /// <summary>
    /// Finds the events of an append that an earlier attempt wrote. If the expected version is exact, the search starts
    /// after that version. Otherwise, it starts at the event with the first id.
    /// </summary>
    private static (long FirstVersion, MillraceException? Refusal) FindRepetition(
        StreamAppend append, StreamHead head, BatchState state)
    {
        var events = append.Events;
        if (head.Version == 0 || head.State != StreamState.Open)
            return (0, null);
        var first = append.Expected switch
        {
            { IsExact: true, Version: > 0 } => append.Expected.Version + 1,
            // The append expects no stream, so its events can only be the first events of the stream. After a deletion,
            // these are the first events of the stream that was created again.
            { IsExact: true } => head.FirstVersion,
            _ => state.FindVersion(append.Stream, events[0].Id),
        };
        if (first == 0 || first > head.Version || state.FindEventId(append.Stream, first) != events[0].Id)
            return (0, null);
        for (var i = 1; i < events.Count; i++)
        {
            if (state.FindEventId(append.Stream, first + i) != events[i].Id)
                return (0, new EventIdConflictException(append.Stream, events[0].Id));
        }
        return (first, null);
    }

    private static EventIdConflictException PartlyRepeated(
        IReadOnlyList<StreamAppend> appends, AppendPlacement[] placements, BatchState state)
    {
        var index = Array.FindIndex(placements, placement => placement.FirstPosition <= state.LastPosition);
        return new EventIdConflictException(appends[index].Stream, appends[index].Events[0].Id);
    }

    private static ConditionFailedException? CheckCondition(AppendCondition condition, BatchState state)
    {
        var match = state.FindFirstMatch(condition.Filter, condition.After);
        return match == 0 ? null : new ConditionFailedException(condition, match);
    }

    private static ClaimTakenException? CheckClaim(IReadOnlyList<Claim> claims, int index, BatchState state)
    {
        var claim = claims[index];
        if (claim.IsRelease)
            return null;
        var owner = OwnerWithin(claims, index, state);
        return owner is null || owner == claim.Owner ? null : new ClaimTakenException(claim.Scope, claim.Value, owner);
    }

    /// <summary>Returns the owner of a claim's value, including earlier claims of the same request.</summary>
    private static string? OwnerWithin(IReadOnlyList<Claim> claims, int index, BatchState state)
    {
        var owner = state.FindClaim(claims[index].Scope, claims[index].Value);
        for (var i = 0; i < index; i++)
        {
            if (claims[i].Scope != claims[index].Scope || claims[i].Value != claims[index].Value)
                continue;
            if (!claims[i].IsRelease)
                owner = claims[i].Owner;
            else if (claims[i].Owner == owner)
                owner = null;
        }
        return owner;
    }

    private static DocumentConflictException? CheckDocument(DocumentChange change, BatchState state)
    {
        if (change.FromVersion is not { } expected)
            return null;
        var actual = state.GetDocumentVersion(change.Collection, change.Key);
        return actual == expected
            ? null
            : new DocumentConflictException(change.Collection, change.Key, expected, actual);
    }

    private static DeadLetterConflictException? CheckDeadLetter(DeadLetter deadLetter, BatchState state) =>
        state.GetDeadLetter(deadLetter) == new DeadLetterFact(deadLetter.Id, deadLetter.Revision)
            ? null
            : new DeadLetterConflictException(deadLetter.Consumer, deadLetter.Position, deadLetter.Key);

    /// <summary>
    /// Returns the head of a removal's stream after the appends and the earlier removals of the request.
    /// </summary>
    private static StreamHead HeadBeforeRemoval(
        CommitRequest request, AppendPlacement[] placements, int index, BatchState state)
    {
        var stream = request.Removals[index].Stream;
        var head = HeadWithin(request.Appends, placements, request.Appends.Count, stream, state);
        for (var i = 0; i < index; i++)
        {
            if (request.Removals[i].Stream == stream)
                head = BatchState.AfterRemoval(head, request.Removals[i]);
        }
        return head;
    }

    private static MillraceException? CheckRemoval(StreamRemoval removal, StreamHead head)
    {
        if (head.State == StreamState.Closed)
            return new StreamDeletedException(removal.Stream, isClosed: true);
        if (!removal.Expected.Accepts(head.VisibleVersion))
            return new VersionConflictException(removal.Stream, removal.Expected, head.VisibleVersion);
        if (head.Version == 0 || (head.State == StreamState.Deleted && removal.Kind != RemovalKind.Tombstone))
            return new StreamNotFoundException(removal.Stream);
        return removal.Kind == RemovalKind.Truncate && removal.Before > head.Version
            ? new LimitExceededException(
                $"version before which stream '{removal.Stream}' is truncated", removal.Before, head.Version,
                "the version of the stream's last event, which is never removed")
            : null;
    }

    private static LeaseLostException? CheckCheckpoint(CheckpointMove? move, BatchState state)
    {
        if (move is null)
            return null;
        var fact = state.GetCheckpoint(move.Consumer, move.Partition);
        if (fact.LeaseEpoch != move.LeaseEpoch)
            return new LeaseLostException(
                move.Consumer, move.Partition, $"its lease epoch {move.LeaseEpoch} was replaced by {fact.LeaseEpoch}");
        return fact.Position == move.From
            ? null
            : new LeaseLostException(
                move.Consumer,
                move.Partition,
                $"its checkpoint is {Describe(fact.Position)}, not {Describe(move.From)}");

        static string Describe(long? checkpoint) => checkpoint?.ToString(CultureInfo.InvariantCulture) ?? "none";
    }
}
