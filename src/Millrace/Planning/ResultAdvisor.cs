namespace Millrace.Planning;

/// <summary>
/// Proposes materialized views and caching for queries whose results are worth keeping, from their measured times.
/// </summary>
internal sealed class ResultAdvisor(IReadOnlyList<QueryUse> uses)
{
    // Below this, reading a kept result costs about as much as the query.
    private static readonly TimeSpan MinCachedTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MinViewTime = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MinRefresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRefresh = TimeSpan.FromHours(1);

    private readonly Frequencies _frequencies = new(uses);

    public IEnumerable<QueryAdvice> Advise()
    {
        foreach (var use in uses)
        {
            var frequency = _frequencies.Of([use]);
            var average = use.Count == 0 ? TimeSpan.Zero : use.TotalTime / use.Count;
            if (frequency >= QueryFrequency.Medium && average >= MinViewTime && IsAggregate(use))
                yield return View(use, frequency, average);
            else if (frequency >= QueryFrequency.High && average >= MinCachedTime && !use.Shape.IsOfLog)
                yield return Cache(use, frequency, average);
        }
    }

    /// <summary>Returns whether the result is small compared with what is read for it.</summary>
    private static bool IsAggregate(QueryUse use) => use.Shape.IsCount || use.Shape.IsOfLog;

    private static QueryAdvice View(QueryUse use, QueryFrequency frequency, TimeSpan average)
    {
        var interval = (use.LastUse - use.FirstUse) / Math.Max(1, use.Count);
        var reason =
            $"The query takes {average.TotalMilliseconds:N1} ms on average, because it reads all that it counts.";
        var refresh = interval < MinRefresh ? MinRefresh : interval > MaxRefresh ? MaxRefresh : interval;
        return Create(AdviceKind.MaterializedView, "mv", use, frequency, reason) with { RefreshInterval = refresh };
    }

    private static QueryAdvice Cache(QueryUse use, QueryFrequency frequency, TimeSpan average) =>
        Create(
            AdviceKind.Cache,
            "cache",
            use,
            frequency,
            $"The query takes {average.TotalMilliseconds:N1} ms on average, and is frequent.");

    private static QueryAdvice Create(
        AdviceKind kind, string prefix, QueryUse use, QueryFrequency frequency, string reason)
    {
        var source = use.Shape.IsOfLog ? "log" : use.Shape.Source;
        var fields = use.Shape.Terms.Select(term => term.Field).Append(use.Shape.OrderBy).OfType<string>().Distinct();
        return new QueryAdvice
        {
            Kind = kind,
            Name = IndexCandidate.NameOf(prefix, source, fields),
            Source = use.Shape.Source,
            Queries = [use],
            Frequency = frequency,
            Reason = reason,
            SavedTime = use.TotalTime,
        };
    }
}
