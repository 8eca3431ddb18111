namespace Millrace.Storage;

/// <summary>The data that shows whether a batch was written, after a commit with an unknown outcome.</summary>
/// <remarks>
/// A single marker does not prove that the batch was written. A caller without an answer may have repeated a request
/// with the same event ids at another node. Another node that handled a duplicate may have written the same handled id.
/// But the storage writes all requests of a batch, or none. So the batch was written if the events of all requests are
/// at their positions, or if all handled ids exist. Other data proves nothing, because it may have changed after the
/// commit.
/// </remarks>
internal static class CommitMarkers
{
    /// <summary>
    /// Returns the indexes of the requests to write, starting with the requests whose markers prove the most.
    /// </summary>
    public static int[] InOrder(IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes) =>
        [.. Enumerable.Range(0, outcomes.Count)
            .Where(i => outcomes[i].Result == CommitResult.Committed)
            .OrderBy(i => IsNote(batch[i]) ? 0 : 1)];

    /// <summary>Returns whether a request has handled ids but no events.</summary>
    public static bool IsNote(CommitRequest request) => request.Appends.Count == 0 && request.Handled.Count > 0;

    /// <summary>Returns the appends to write, with their placements.</summary>
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
