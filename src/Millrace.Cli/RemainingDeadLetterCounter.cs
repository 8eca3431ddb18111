using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>Counts the dead letters that match behind a page of them.</summary>
internal static class RemainingDeadLetterCounter
{
    private const int MaxPageSize = 10_000;

    /// <summary>How many match behind a page; none where the page was not full.</summary>
    /// <param name="letters">The letters.</param>
    /// <param name="query">What the page was asked for by.</param>
    /// <param name="page">The letters in it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<long> Count(
        DeadLetters letters, DeadLetterQuery query, IReadOnlyList<DeadLetter> page, CancellationToken cancellationToken)
    {
        if (page.Count < query.Limit)
            return 0;
        if (query.After == 0)
            return Math.Max(0, await letters.Count(query, cancellationToken) - page.Count);
        // A count is of all that match, also of those before the page.
        var count = 0L;
        var behind = query with { After = page[^1].Id, Limit = MaxPageSize, IsBrief = true };
        IReadOnlyList<DeadLetter> next;
        do
        {
            next = await letters.List(behind, cancellationToken);
            count += next.Count;
            behind = behind with { After = next.Count > 0 ? next[^1].Id : behind.After };
        }
        while (next.Count == MaxPageSize);
        return count;
    }
}
