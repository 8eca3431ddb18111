using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Determines whether a batch is in the store after its commit failed.</summary>
internal static class InDoubtCheck
{
    private const string FindIdAtPosition = "SELECT id FROM events WHERE position = ?1";
    private const string FindLastPosition = "SELECT coalesce(max(position), 0) FROM events";
    private const string FindHandled =
        "SELECT answer, position FROM handled WHERE id = ?2 AND scope = (SELECT id FROM names WHERE name = ?1)";

    /// <summary>Returns whether the batch is in the store; null if nothing in the store shows it.</summary>
    public static bool? IsCommitted(
        Connection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        if (CommitMarkers.AppendsOf(batch, outcomes) is { Count: > 0 } appends)
            return IsRemainderUnwritten(connection, batch, outcomes) ? false : IsWritten(connection, appends);
        bool? isCommitted = null;
        foreach (var i in CommitMarkers.InOrder(batch, outcomes))
        {
            var isNote = CommitMarkers.IsNote(batch[i]);
            if (isCommitted is true && !isNote)
                break;
            var result = IsCommitted(connection, batch[i], outcomes[i]);
            if (result is false || (result is true && !isNote))
                return result;
            isCommitted ??= result;
        }
        return isCommitted;
    }

    /// <summary>
    /// Returns whether all events are at their positions; null if all of them have been removed since.
    /// </summary>
    private static bool? IsWritten(
        Connection connection, List<(StreamAppend Append, AppendPlacement Placement)> appends)
    {
        var last = connection.Get(FindLastPosition).Scalar();
        bool? isCommitted = null;
        foreach (var (append, placement) in appends)
        {
            var statement = connection.Get(FindIdAtPosition).Bind(1, placement.FirstPosition);
            var found = statement.Step() ? statement.GetGuid(0) : (Guid?)null;
            statement.Reset();
            if (found is null && placement.FirstPosition <= last)
                continue; // The event was removed after the commit.
            if (found != append.Events[0].Id)
                return false;
            isCommitted = true;
        }
        return isCommitted;
    }

    /// <summary>Returns true if the writes of the other requests are known to be missing.</summary>
    private static bool IsRemainderUnwritten(
        Connection connection, IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes) => CommitMarkers
        .InOrder(batch, outcomes)
        .Any(i => batch[i].Appends.Count == 0 && IsCommitted(connection, batch[i], outcomes[i]) == false);

    private static bool? IsCommitted(Connection connection, CommitRequest request, CommitOutcome outcome)
    {
        if (request.Handled.Count > 0)
        {
            var mark = request.Handled[0];
            var statement = connection.Get(FindHandled).Bind(1, mark.Scope).Bind(2, mark.Id);
            var stored = statement.Step()
                ? new HandledAnswer(statement.GetBytes(0).ToArray(), statement.GetInt64(1))
                : null;
            statement.Reset();
            return mark.WasWrittenAt(stored, outcome.Position);
        }
        if (request.Checkpoint is { } move && move.From != move.To)
            return AuxiliaryTables.GetCheckpoint(connection, move.Consumer, move.Partition).Position == move.To;
        return request.DeadLetters.Count > 0 ? IsCommitted(connection, request.DeadLetters[0]) : null;
    }

    private static bool IsCommitted(Connection connection, DeadLetterChange change)
    {
        var deadLetter = change.DeadLetter;
        var fact = DeadLetterTable.GetFact(
            connection, deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key);
        return change.IsRemoval ? fact.Revision == 0 : fact.Revision == deadLetter.Revision + 1;
    }
}
