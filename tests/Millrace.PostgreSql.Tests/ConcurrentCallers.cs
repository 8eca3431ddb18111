namespace Millrace.PostgreSql.Tests;

/// <summary>Many concurrent callers.</summary>
internal static class ConcurrentCallers
{
    private const int MaxRounds = 1_000;

    /// <summary>Each caller runs on a thread of the pool.</summary>
    public static Task<T[]> Ask<T>(int callers, Func<int, ValueTask<T>> one) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () => await one(caller))).ToArray());

    /// <summary>
    /// All callers repeat ten times, and continue until more requests than callers were answered together: each gets
    /// the answer of a single caller.
    /// </summary>
    /// <param name="alone">The answer to each caller without concurrency.</param>
    /// <param name="one">The request of a caller.</param>
    /// <param name="joined">Returns how many requests were answered together so far.</param>
    public static async Task ExpectSame(
        IReadOnlyList<string> alone, Func<int, ValueTask<string>> one, Func<long> joined)
    {
        var before = joined();
        for (var round = 0; round < 10 || (joined() - before <= alone.Count && round < MaxRounds); round++)
            Assert.Equal(alone, await Ask(alone.Count, one));
        Assert.True(joined() - before > alone.Count, $"Only {joined() - before} were answered together.");
    }
}
