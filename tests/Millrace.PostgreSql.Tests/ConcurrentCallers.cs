namespace Millrace.PostgreSql.Tests;

/// <summary>Runs many callers concurrently.</summary>
internal static class ConcurrentCallers
{
    private const int MaxRounds = 1_000;

    /// <summary>Runs each caller on a thread of the pool, and returns the answers.</summary>
    public static Task<T[]> Ask<T>(int callers, Func<int, ValueTask<T>> request) =>
        Task.WhenAll(
            Enumerable.Range(0, callers).Select(caller => Task.Run(async () => await request(caller))).ToArray());

    /// <summary>
    /// Repeats the requests of all callers at least ten times, until the store has answered more requests than callers
    /// together. Checks that each caller gets the same answer as without concurrency.
    /// </summary>
    /// <param name="alone">The answer to each caller without concurrency.</param>
    /// <param name="request">Sends the request of a caller.</param>
    /// <param name="countJoined">Returns the number of requests that the store has answered together so far.</param>
    public static async Task ExpectSame(
        IReadOnlyList<string> alone, Func<int, ValueTask<string>> request, Func<long> countJoined)
    {
        var before = countJoined();
        for (var round = 0; round < 10 || (countJoined() - before <= alone.Count && round < MaxRounds); round++)
            Assert.Equal(alone, await Ask(alone.Count, request));
        var joined = countJoined() - before;
        Assert.True(joined > alone.Count, $"Only {joined} requests were answered together.");
    }
}
