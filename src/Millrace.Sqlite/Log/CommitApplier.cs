using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Decides a batch on the facts under the write lock, and writes what was accepted.</summary>
/// <remarks>
/// That an id was handled before is rare. So none is looked for at first: that a note of it stands, its key tells when
/// it is written. Then what was written is taken back, and the batch decided again by looking, as are some after it.
/// </remarks>
internal sealed class CommitApplier(
    NameTable names, StreamHeadCache streams, LogQueries queries, AuxiliaryTables sides, DocumentWriter documents)
{
    // An id that comes again, again and again, so costs a batch more in so many.
    private const int HandledLookupBatches = 32;

    private readonly EventWriter _events = new(names);
    private readonly HandledIdSweeper _handledIdSweeper = new();
    private int _lookupBatchesLeft;

    /// <summary>
    /// Decides and writes a batch. Null when an id was handled before that was not looked for: the transaction is then
    /// to be taken back, and another to be run.
    /// </summary>
    public CommitOutcome[]? Run(Connection connection, IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
    {
        documents.Begin(isAlone: streams.Begin(connection));
        var facts = new CommitFacts(connection, streams, queries, sides, documents)
        {
            LooksUpHandled = _lookupBatchesLeft > 0,
        };
        var outcomes = CommitDecision.Decide(batch, facts, now);
        if ((facts.LooksUpHandled || !HasNotes(connection, batch, outcomes))
            && TryApply(connection, batch, outcomes, facts))
        {
            documents.End(connection);
            _handledIdSweeper.Run(connection, now);
            _lookupBatchesLeft = facts.HasFoundHandled ? HandledLookupBatches : Math.Max(0, _lookupBatchesLeft - 1);
            return outcomes;
        }
        _lookupBatchesLeft = HandledLookupBatches;
        return null;
    }

    /// <summary>
    /// Whether a note stands of a request that was refused, or done before: to be answered by it would have come first.
    /// Nothing is written yet, so that what is looked up of names stays true.
    /// </summary>
    private bool HasNotes(Connection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            var marks = outcomes[i].Result == CommitResult.Committed ? [] : batch[i].Handled;
            for (var j = 0; j < marks.Count; j++)
            {
                if (sides.FindHandled(connection, marks[j].Scope, marks[j].Id, DateTimeOffset.MinValue) is not null)
                    return true;
            }
        }
        return false;
    }

    private bool TryApply(
        Connection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, CommitFacts facts)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed && !TryApply(connection, batch[i], outcomes[i], facts))
                return false;
        }
        return true;
    }

    /// <summary>Writes what was accepted; false when an id of it, which was not looked for, was handled
    /// before.</summary>
    private bool TryApply(Connection connection, CommitRequest request, CommitOutcome outcome, CommitFacts facts)
    {
        // Before what else it does, which might fail only because it was done before.
        for (var i = 0; i < request.Handled.Count; i++)
        {
            if (!TryWrite(connection, request.Handled[i], outcome.Position, facts))
                return false;
        }
        for (var i = 0; i < request.Appends.Count; i++)
            Append(connection, request.Appends[i], outcome.Placements[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Removals.Count; i++)
            RemovalWriter.Write(connection, request.Removals[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Claims.Count; i++)
            sides.Write(connection, request.Claims[i]);
        for (var i = 0; i < request.Documents.Count; i++)
            documents.Write(connection, request.Documents[i], outcome);
        for (var i = 0; i < request.DeadLetters.Count; i++)
            DeadLetterTable.Write(connection, request.DeadLetters[i]);
        if (request.Checkpoint is { } move)
            AuxiliaryTables.Write(connection, move);
        if (request.Statements.Count > 0)
            UserStatements.Run(connection, request.Statements);
        return true;
    }

    private bool TryWrite(Connection connection, HandledMark mark, long position, CommitFacts facts)
    {
        _handledIdSweeper.NoteWritten();
        if (!facts.LooksUpHandled)
            return sides.TryAdd(connection, mark, position);
        sides.Write(connection, mark, position);
        return true;
    }

    private void Append(
        Connection connection,
        StreamAppend append,
        AppendPlacement placement,
        DateTimeOffset timestamp,
        CommitFacts facts)
    {
        var row = facts.GetRow(append.Stream);
        if (row.Number == 0)
            row = row with { Number = StreamTable.Add(connection, append.Stream) };
        if (row.Head.State == StreamState.Deleted)
            StreamTable.Change(connection, row.Number, row.Head.FirstVersion, StreamState.Open);
        _events.Write(connection, row.Number, append, placement, timestamp);
        var head = new StreamHead(placement.LastVersion, row.Head.FirstVersion, StreamState.Open);
        facts.Note(append.Stream, new StreamRow(row.Number, head));
    }
}
