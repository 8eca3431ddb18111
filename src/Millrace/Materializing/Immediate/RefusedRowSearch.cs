namespace Millrace.Materializing.Immediate;

/// <summary>
/// Finds the views whose rows the storage refuses, while a commit is repeated. The attempts leave out the rows of no
/// view, because the cause may be gone, then of each view, then of each pair of the first eight views, and finally of
/// all. Views whose rows the storage accepts thus keep their rows if one other view is refused, or two of the first
/// eight.
/// </summary>
/// <param name="views">The number of views with rows in the commit; at least 1.</param>
internal sealed class RefusedRowSearch(int views)
{
    private const int PairedViews = 8; // 28 pairs.

    private readonly Queue<int[]> _attempts = new(AttemptsFor(views));
    private readonly Exception?[] _failuresWithout = new Exception?[views];
    private Exception? _firstFailure;
    private int[]? _last = [];

    /// <summary>
    /// Returns the views to leave out of the next attempt, each with the reason; null after the last attempt.
    /// </summary>
    /// <param name="failure">The failure of the last attempt, or of the commit.</param>
    public IReadOnlyDictionary<int, Exception>? Next(Exception failure)
    {
        _firstFailure ??= failure;
        if (_last is [var only])
            _failuresWithout[only] = failure;
        return _attempts.TryDequeue(out _last) ? _last.ToDictionary(static view => view, ReasonOf) : null;
    }

    /// <summary>Returns the reason of a view: the commit failed although the other of a pair was left out.</summary>
    private Exception ReasonOf(int view) =>
        (_last is [var one, var other] ? _failuresWithout[view == one ? other : one] : null)
        ?? _firstFailure!; // Set by the first call.

    private static IEnumerable<int[]> AttemptsFor(int views)
    {
        yield return [];
        for (var view = 0; view < views; view++)
            yield return [view];
        foreach (var pair in PairsOf(Math.Min(views, PairedViews)))
            yield return pair;
        if (views > 2)
            yield return [.. Enumerable.Range(0, views)];
    }

    private static IEnumerable<int[]> PairsOf(int views) =>
        Enumerable.Range(0, views)
            .SelectMany(one => Enumerable.Range(one + 1, views - one - 1).Select(other => (int[])[one, other]));
}
