using Millrace.Sqlite.Connections;
using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Decides a batch under the write lock, and writes the accepted requests.</summary>
/// <remarks>
/// Ids that were handled before are rare. Therefore they are not looked up at first: the unique key detects them when
/// an id is written. In that case, the changes are rolled back, and the batch is decided again with lookups, as are
/// some batches after it.
/// </remarks>
internal sealed class CommitApplier(
    NameTable names, StreamHeadCache streams, LogQueries queries, AuxiliaryTables auxiliary, DocumentWriter documents)
{
    // Repeated ids therefore cost at most one additional attempt in this many batches.
    private const int HandledLookupBatches = 32;

    private readonly EventRowWriter _events = new(names);
    private readonly HandledIdSweeper _handledIdSweeper = new();
    private int _lookupBatches;

    /// <summary>
    /// Decides and writes a batch in the transaction of a writer, which is started again when an id had been handled
    /// before.
    /// </summary>
    public CommitOutcome[] Run(
        Writer writer, Connection connection, IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
    {
        var outcomes = TryRun(connection, batch, now);
        if (outcomes is null)
        {
            writer.RestartTransaction(connection);
            outcomes = TryRun(connection, batch, now);
        }
        return outcomes ?? throw new InvalidOperationException("A batch without outcomes must be run again.");
    }

    /// <summary>
    /// Decides and writes a batch. Returns null if an id that was not looked up had been handled before. The caller
    /// must then roll back and run another transaction.
    /// </summary>
    private CommitOutcome[]? TryRun(Connection connection, IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
    {
        documents.StartTransaction(isAlone: streams.StartTransaction(connection));
        var facts = new CommitFacts(connection, streams, queries, auxiliary, documents)
        {
            LooksUpHandled = _lookupBatches > 0,
        };
        var outcomes = CommitDecision.Decide(batch, facts, now);
        if ((facts.LooksUpHandled || !HasStoredAnswer(connection, batch, outcomes))
            && TryApply(connection, batch, outcomes, facts))
        {
            documents.End(connection);
            _handledIdSweeper.Run(connection, now);
            _lookupBatches = facts.HasFoundHandled ? HandledLookupBatches : Math.Max(0, _lookupBatches - 1);
            return outcomes;
        }
        _lookupBatches = HandledLookupBatches;
        return null;
    }

    /// <summary>
    /// Returns true if an id of a refused request is stored as handled: its stored answer takes precedence over the
    /// refusal. Nothing has been written yet, so that cached names stay valid.
    /// </summary>
    private bool HasStoredAnswer(Connection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            var marks = outcomes[i].Result == CommitResult.Committed ? [] : batch[i].Handled;
            for (var j = 0; j < marks.Count; j++)
            {
                if (auxiliary.FindHandled(connection, marks[j].Scope, marks[j].Id, DateTimeOffset.MinValue) is not null)
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

    /// <summary>
    /// Writes an accepted request. Returns false if an id that was not looked up had been handled before.
    /// </summary>
    private bool TryApply(Connection connection, CommitRequest request, CommitOutcome outcome, CommitFacts facts)
    {
        // Before all other writes: these might fail only because the request was executed before.
        for (var i = 0; i < request.Handled.Count; i++)
        {
            if (!TryWrite(connection, request.Handled[i], outcome.Position, facts))
                return false;
        }
        for (var i = 0; i < request.Appends.Count; i++)
            Append(connection, request.Appends[i], outcome.Placements[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Replacements.Count; i++)
            _events.Replace(connection, request.Replacements[i], facts.GetRow(request.Replacements[i].Stream).Number);
        for (var i = 0; i < request.Removals.Count; i++)
            RemovalWriter.Write(connection, request.Removals[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Claims.Count; i++)
            auxiliary.Write(connection, request.Claims[i]);
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
        _handledIdSweeper.OnIdWritten();
        if (!facts.LooksUpHandled)
            return auxiliary.TryAdd(connection, mark, position);
        auxiliary.Write(connection, mark, position);
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
        _events.Write(connection, row.Number, append, placement, timestamp);
        // After the events, because a backup records the change with the last position of the log.
        if (row.Head.State == StreamState.Deleted)
            StreamTable.Change(connection, row.Number, row.Head.FirstVersion, StreamState.Open);
        var head = new StreamHead(placement.LastVersion, row.Head.FirstVersion, StreamState.Open);
        facts.Update(append.Stream, new StreamRow(row.Number, head));
    }
}
