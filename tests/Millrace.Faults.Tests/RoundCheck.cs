namespace Millrace.Faults.Tests;

/// <summary>
/// Compares the results of the clients with the log. The check needs only its arguments, so it can also check a bundle
/// on disk.
/// </summary>
internal static class RoundCheck
{
    private const int MaxProblems = 20;

    /// <summary>Returns the problems, or an empty list if the check finds none.</summary>
    /// <param name="history">The operations of clients and their results.</param>
    /// <param name="rows">The log since the round started, in order.</param>
    /// <param name="before">The last position before the round.</param>
    public static List<string> Problems(IReadOnlyList<Operation> history, IReadOnlyList<LogRow> rows, long before)
    {
        var problems = new List<string>();
        problems.AddRange(OrderProblems(rows, before).Take(MaxProblems));
        problems.AddRange(AnswerProblems(history, rows).Take(MaxProblems));
        problems.AddRange(Linearizability.Problems([.. history, .. LastReads(history, rows)]).Take(MaxProblems));
        return problems;
    }

    private static IEnumerable<string> OrderProblems(IReadOnlyList<LogRow> rows, long before)
    {
        var versions = new Dictionary<string, long>();
        var ids = new HashSet<Guid>();
        for (var (i, time) = (0, DateTime.MinValue); i < rows.Count; time = rows[i++].RecordedAt)
        {
            var row = rows[i];
            if (row.Position != before + i + 1)
                yield return $"The log has position {row.Position} instead of {before + i + 1}.";
            if (row.RecordedAt < time)
                yield return $"Position {row.Position} has an earlier time than the previous position.";
            if (!ids.Add(row.Id))
                yield return $"Event {row.Id} is in the log twice, the second time at {row.Position}.";
            // A late append of the previous round may be in the log, in a stream that is not part of this round.
            if (versions.TryGetValue(row.Stream, out var version) && row.Version != version + 1)
                yield return $"{row.Stream} has version {row.Version} after {version}, at position {row.Position}.";
            versions[row.Stream] = row.Version;
        }
    }

    private static IEnumerable<string> AnswerProblems(IReadOnlyList<Operation> history, IReadOnlyList<LogRow> rows)
    {
        var rowsById = new Dictionary<Guid, LogRow>();
        foreach (var row in rows)
            rowsById.TryAdd(row.Id, row);
        foreach (var operation in history)
        {
            if (operation.Kind == OperationKind.Read)
                continue;
            var found = operation.Ids.Where(rowsById.ContainsKey).Select(id => rowsById[id]).ToList();
            if (operation.Answer is AnswerKind.Conflict or AnswerKind.Failed && found.Count > 0)
                yield return $"A refused append is in the log at {found[0].Position}: {operation}";
            else if (operation.Answer == AnswerKind.Done && found.Count < operation.Ids.Count)
                yield return $"Acknowledged and not in the log: {operation}";
            else if (found.Count > 0 && found.Count < operation.Ids.Count)
                yield return $"Only {found.Count} of {operation.Ids.Count} events are in the log: {operation}";
            else if (found.Count > 0 && !IsContiguous(operation, found))
                yield return $"The events are not contiguous or have other positions, from {found[0]}: {operation}";
        }
    }

    private static bool IsContiguous(Operation operation, List<LogRow> found)
    {
        for (var i = 0; i < found.Count; i++)
        {
            var isNext = found[i].Version == found[0].Version + i && found[i].Position == found[0].Position + i;
            if (found[i].Stream != operation.Stream || !isNext)
                return false;
        }
        return operation.Answer != AnswerKind.Done
            || (found[^1].Version == operation.Version && found[^1].Position == operation.Position);
    }

    /// <summary>Returns the events of the log as a last read of every stream.</summary>
    private static IEnumerable<Operation> LastReads(IReadOnlyList<Operation> history, IReadOnlyList<LogRow> rows)
    {
        var end = 1 + history.Where(operation => operation.Ended != Operation.Never)
            .Select(operation => operation.Ended).DefaultIfEmpty()
            .Concat(history.Select(operation => operation.Began)).Max();
        var idsByStream = rows.ToLookup(row => row.Stream, row => row.Id);
        return history.Select(operation => operation.Stream).Distinct().Select(stream => new Operation(
            -1, stream, OperationKind.Read, end, end + 1)
        { Ids = [.. idsByStream[stream]], Answer = AnswerKind.Done });
    }
}
