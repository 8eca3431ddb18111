using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Decides a batch on the facts under the write lock, and writes what was accepted.</summary>
internal sealed class CommitApplier(
    NameTable names, StreamHeads streams, LogQueries queries, SideTables sides, DocumentWriter documents)
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromSeconds(10);

    private readonly EventWriter _events = new(names);
    private DateTimeOffset _forgotten;

    public CommitOutcome[] Run(Connection connection, IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
    {
        documents.Begin(isAlone: streams.Begin(connection));
        var facts = new CommitFacts(connection, streams, queries, sides, documents);
        var outcomes = CommitDecision.Decide(batch, facts, now);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed)
                Apply(connection, batch[i], outcomes[i], facts);
        }
        documents.End(connection);
        ForgetExpired(connection, now);
        return outcomes;
    }

    private void Apply(Connection connection, CommitRequest request, CommitOutcome outcome, CommitFacts facts)
    {
        for (var i = 0; i < request.Appends.Count; i++)
            Append(connection, request.Appends[i], outcome.Placements[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Removals.Count; i++)
            RemovalWriter.Write(connection, request.Removals[i], outcome.Timestamp, facts);
        for (var i = 0; i < request.Claims.Count; i++)
            sides.Write(connection, request.Claims[i]);
        for (var i = 0; i < request.Documents.Count; i++)
            documents.Write(connection, request.Documents[i], outcome);
        for (var i = 0; i < request.Handled.Count; i++)
            sides.Write(connection, request.Handled[i], outcome.Position);
        for (var i = 0; i < request.DeadLetters.Count; i++)
            LetterTable.Write(connection, request.DeadLetters[i]);
        if (request.Checkpoint is { } move)
            SideTables.Write(connection, move);
        if (request.Statements.Count > 0)
            UserStatements.Run(connection, request.Statements);
    }

    private void Append(Connection connection, StreamAppend append, AppendPlacement placement, DateTimeOffset timestamp, CommitFacts facts)
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

    private void ForgetExpired(Connection connection, DateTimeOffset now)
    {
        if ((now - _forgotten).Duration() < ForgetInterval)
            return;
        _forgotten = now;
        SideTables.ForgetExpired(connection, now);
    }
}
