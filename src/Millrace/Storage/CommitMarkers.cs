namespace Millrace.Storage;

/// <summary>The data that shows whether a batch was written, after a commit with an unknown outcome.</summary>
/// <remarks>
/// A single marker does not prove that the batch was written. A caller without an answer may have repeated a request
/// with the same event ids at another node. Another node that handled a duplicate may have written the same handled id.
/// But the storage writes all requests of a batch, or none. So the batch was written if the events of all requests are
/// at their positions, or if all handled ids exist. Other data proves nothing, because it may have changed after the
/// commit.
/// </remarks>
public static class CommitMarkers
{
    /// <summary>
    /// Returns the indexes of the requests to be written. Requests for which <see cref="IsNote"/> is true come first,
    /// because a handled id is better evidence than other data.
    /// </summary>
    /// <param name="batch">The requests.</param>
    /// <param name="outcomes">The decision about each request.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static int[] InOrder(IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(outcomes);
        return
        [
            .. Enumerable.Range(0, outcomes.Count)
                .Where(i => outcomes[i].Result == CommitResult.Committed)
                .OrderBy(i => IsNote(batch[i]) ? 0 : 1),
        ];
    }

    /// <summary>Returns whether a request has handled ids and no events.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    public static bool IsNote(CommitRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Appends.Count == 0 && request.Handled.Count > 0;
    }

    /// <summary>Returns the appends to be written, with their placements, in the order of the requests.</summary>
    /// <param name="batch">The requests.</param>
    /// <param name="outcomes">The decision about each request.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static List<(StreamAppend Append, AppendPlacement Placement)> AppendsOf(
        IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(outcomes);
        var appends = new List<(StreamAppend, AppendPlacement)>();
        for (var i = 0; i < outcomes.Count; i++)
        {
            for (var j = 0; outcomes[i].Result == CommitResult.Committed && j < batch[i].Appends.Count; j++)
                appends.Add((batch[i].Appends[j], outcomes[i].Placements[j]));
        }
        return appends;
    }
}
