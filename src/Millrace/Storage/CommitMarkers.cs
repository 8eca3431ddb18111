namespace Millrace.Storage;

/// <summary>By what a batch is known in the store, whose commit neither succeeded nor failed for certain.</summary>
/// <remarks>
/// No single trace is the batch's own: a caller who got no answer may have repeated a request at another node, with the
/// same event ids, and another node that handled a copy may have written the same note. A batch is written as a whole:
/// events show that it is in the store where those of all its requests are, at their positions, and notes where all of
/// them are. Other traces may have been changed since.
/// </remarks>
internal static class CommitMarkers
{
    /// <summary>The places of the requests that were to be written, those first that tell the most.</summary>
    public static int[] InOrder(IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes) =>
        [.. Enumerable.Range(0, outcomes.Count)
            .Where(i => outcomes[i].Result == CommitResult.Committed)
            .OrderBy(i => IsNote(batch[i]) ? 0 : 1)];

    /// <summary>Whether a request is known by a note of a handled id, and by no event.</summary>
    public static bool IsNote(CommitRequest request) => request.Appends.Count == 0 && request.Handled.Count > 0;

    /// <summary>The appends that were to be written, each with its place.</summary>
    public static List<(StreamAppend Append, AppendPlacement Placement)> AppendsOf(
        IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes)
    {
        var appends = new List<(StreamAppend, AppendPlacement)>();
        for (var i = 0; i < outcomes.Count; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Appends.Count; j++)
                appends.Add((batch[i].Appends[j], outcomes[i].Placements[j]));
        }
        return appends;
    }
}
