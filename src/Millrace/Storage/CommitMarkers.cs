namespace Millrace.Storage;

/// <summary>
/// The data by which a batch is found in the store after a commit that neither succeeded nor failed for certain.
/// </summary>
/// <remarks>
/// No single marker proves that the batch was written. A caller without an answer may have repeated a request at
/// another node with the same event ids, and another node that handled a duplicate may have written the same handled
/// id. But a batch is written completely or not at all. So it was written if the events of all its requests are at
/// their positions, or if all its handled ids exist. Other data may have changed since.
/// </remarks>
internal static class CommitMarkers
{
    /// <summary>Returns the indexes of the requests to be written, the most significant first.</summary>
    public static int[] InOrder(IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes) =>
        [.. Enumerable.Range(0, outcomes.Count)
            .Where(i => outcomes[i].Result == CommitResult.Committed)
            .OrderBy(i => IsNote(batch[i]) ? 0 : 1)];

    /// <summary>Returns whether a request is found by a handled id and has no events.</summary>
    public static bool IsNote(CommitRequest request) => request.Appends.Count == 0 && request.Handled.Count > 0;

    /// <summary>Returns the appends to be written, with their placements.</summary>
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
