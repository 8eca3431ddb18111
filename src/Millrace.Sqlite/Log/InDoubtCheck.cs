using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>One batch on its way into the log, and by what it would be known there.</summary>
internal sealed class InDoubtCheck(
    CommitApplier applier, Writer writer, IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
{
    private const string FindIdAtPosition = "SELECT id FROM events WHERE position = ?1";
    private const string FindLastPosition = "SELECT coalesce(max(position), 0) FROM events";
    private const string FindHandled =
        "SELECT answer, position FROM handled WHERE id = ?2 AND scope = (SELECT id FROM names WHERE name = ?1)";

    private CommitOutcome[] _outcomes = [];

    public CommitOutcome[] Run(Connection connection)
    {
        var outcomes = applier.Run(connection, batch, now);
        if (outcomes is null)
        {
            writer.Reopen(connection);
            outcomes = applier.Run(connection, batch, now);
        }
        return _outcomes =
            outcomes ?? throw new InvalidOperationException("A batch that was decided by looking was to be run again.");
    }

    /// <summary>Tells whether the batch is in the store; null when it left nothing by which it could be told.</summary>
    public bool? Stands(Connection connection)
    {
        if (CommitMarkers.AppendsOf(batch, _outcomes) is { Count: > 0 } appends)
            return IsRemainderUnwritten(connection) ? false : IsWritten(connection, appends);
        bool? stands = null;
        foreach (var i in CommitMarkers.InOrder(batch, _outcomes))
        {
            var isNote = CommitMarkers.IsNote(batch[i]);
            if (stands is true && !isNote)
                break;
            var answer = Stands(connection, batch[i], _outcomes[i]);
            if (answer is false || (answer is true && !isNote))
                return answer;
            stands ??= answer;
        }
        return stands;
    }

    /// <summary>Whether all events are at their positions; null when all of them have been removed since.</summary>
    private static bool? IsWritten(
        Connection connection, List<(StreamAppend Append, AppendPlacement Placement)> appends)
    {
        var last = connection.Get(FindLastPosition).Scalar();
        bool? stands = null;
        foreach (var (append, placement) in appends)
        {
            var statement = connection.Get(FindIdAtPosition).Bind(1, placement.FirstPosition);
            var found = statement.Step() ? statement.GetGuid(0) : (Guid?)null;
            statement.Reset();
            if (found is null && placement.FirstPosition <= last)
                continue; // It has been removed since, or its place was.
            if (found != append.Events[0].Id)
                return false;
            stands = true;
        }
        return stands;
    }

    /// <summary>Whether what the other requests were to write is known not to be there.</summary>
    private bool IsRemainderUnwritten(Connection connection) => CommitMarkers.InOrder(batch, _outcomes)
        .Any(i => batch[i].Appends.Count == 0 && Stands(connection, batch[i], _outcomes[i]) == false);

    private static bool? Stands(Connection connection, CommitRequest request, CommitOutcome outcome)
    {
        if (request.Handled.Count > 0)
        {
            var mark = request.Handled[0];
            var statement = connection.Get(FindHandled).Bind(1, mark.Scope).Bind(2, mark.Id);
            var standing = statement.Step()
                ? new HandledAnswer(statement.GetBytes(0).ToArray(), statement.GetInt64(1))
                : null;
            statement.Reset();
            return mark.WasWrittenAt(standing, outcome.Position);
        }
        if (request.Checkpoint is { } move && move.From != move.To)
            return AuxiliaryTables.GetCheckpoint(connection, move.Consumer, move.Partition).Position == move.To;
        return request.DeadLetters.Count > 0 ? Stands(connection, request.DeadLetters[0]) : null;
    }

    private static bool Stands(Connection connection, DeadLetterChange change)
    {
        var letter = change.DeadLetter;
        var fact = DeadLetterTable.GetFact(connection, letter.Consumer, letter.Partition, letter.Position, letter.Key);
        return change.IsRemoval ? fact.Revision == 0 : fact.Revision == letter.Revision + 1;
    }
}
