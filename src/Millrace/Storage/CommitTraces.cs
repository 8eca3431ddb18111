namespace Millrace.Storage;

/// <summary>By what a batch is known in the store, whose commit neither succeeded nor failed for certain.</summary>
/// <remarks>
/// The id of an event is the request's own. A note of a handled id is not: another node may have written the same, that handled a copy. So
/// notes tell that a batch stands where all of them do. What else there is may have been changed since.
/// </remarks>
internal static class CommitTraces
{
    /// <summary>The places of the requests that were to be written, those first that tell the most.</summary>
    public static int[] InOrder(IReadOnlyList<CommitRequest> batch, IReadOnlyList<CommitOutcome> outcomes) =>
        [.. Enumerable.Range(0, outcomes.Count)
            .Where(i => outcomes[i].Result == CommitResult.Committed)
            .OrderBy(i => batch[i].Appends.Count > 0 ? 0 : IsNote(batch[i]) ? 1 : 2)];

    /// <summary>Whether a request is known by a note of a handled id, and by no event.</summary>
    public static bool IsNote(CommitRequest request) => request.Appends.Count == 0 && request.Handled.Count > 0;
}
