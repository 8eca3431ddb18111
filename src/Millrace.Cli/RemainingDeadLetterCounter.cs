using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>Counts the matching dead letters after a page.</summary>
internal static class RemainingDeadLetterCounter
{
    private const int MaxPageSize = 10_000;

    /// <summary>Returns the number of matches after a page, or 0 when the page was not full.</summary>
    /// <param name="letters">The dead letters.</param>
    /// <param name="query">The query of the page.</param>
    /// <param name="page">The dead letters in the page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<long> Count(
        DeadLetters letters, DeadLetterQuery query, IReadOnlyList<DeadLetter> page, CancellationToken cancellationToken)
    {
        if (page.Count < query.Limit)
            return 0;
        if (query.After == 0)
            return Math.Max(0, await letters.Count(query, cancellationToken) - page.Count);
        // The count includes matches before the page.
        var count = 0L;
        var remaining = query with { After = page[^1].Id, Limit = MaxPageSize, IsBrief = true };
        IReadOnlyList<DeadLetter> next;
        do
        {
            next = await letters.List(remaining, cancellationToken);
            count += next.Count;
            remaining = remaining with { After = next.Count > 0 ? next[^1].Id : remaining.After };
        }
        while (next.Count == MaxPageSize);
        return count;
    }
}
