using Millrace.Storage;

namespace Millrace.Planning;

/// <summary>
/// Proposes materialized views and caching for queries whose results are worth keeping, from their measured times. The
/// gain, the size and the cost of a refresh are estimates from measurements; nothing is built to verify them.
/// </summary>
internal sealed class ResultAdvisor(IReadOnlyList<QueryUse> uses, KeptResultCosts costs)
{
    private const long CountBytes = 100; // A row with a key and a number.

    // Below this, reading a kept result costs about as much as the query.
    private static readonly TimeSpan MinCachedTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MinViewTime = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MinRefresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRefresh = TimeSpan.FromHours(1);

    private readonly Frequencies _frequencies = new(uses);

    public IEnumerable<QueryAdvice> Advise()
    {
        foreach (var use in uses.Where(static use => use.Count > 0))
        {
            var frequency = _frequencies.Of([use]);
            var average = use.TotalTime / use.Count;
            if (frequency >= QueryFrequency.Medium && average >= MinViewTime && use.Shape.IsCount)
                yield return View(use, frequency, average);
            else if (frequency >= QueryFrequency.High && average >= MinCachedTime && !use.Shape.IsOfLog)
                yield return Cache(use, frequency, average);
        }
    }

    /// <summary>
    /// Returns a name such as <c>mv_orders_status_total_lt_by_name_desc</c>. Different queries have different names.
    /// </summary>
    private static string NameOf(string prefix, QueryShape shape)
    {
        var parts = shape.Terms.Select(term => term.Field + SuffixOf(term.Comparison)).ToList();
        if (shape.OrderBy is { } order)
            parts.Add("by_" + order);
        if (shape.IsDescending)
            parts.Add("desc");
        if (shape.IsCount && prefix != "mv")
            parts.Add("count");
        return IndexCandidate.NameOf(prefix, shape.IsOfLog ? "log" : shape.Source, parts);
    }

    private static string SuffixOf(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "",
        Comparison.NotEqual => "_ne",
        Comparison.Less => "_lt",
        Comparison.LessOrEqual => "_le",
        Comparison.Greater => "_gt",
        Comparison.GreaterOrEqual => "_ge",
        Comparison.GreaterOrNull => "_gn",
        _ => "_prefix",
    };

    private QueryAdvice View(QueryUse use, QueryFrequency frequency, TimeSpan average)
    {
        var interval = (use.LastUse - use.FirstUse) / use.Count;
        var reason =
            $"The query takes {average.TotalMilliseconds:N1} ms on average, because it reads all that it counts.";
        return Create(AdviceKind.MaterializedView, "mv", use, frequency, reason) with
        {
            SizeBytes = CountBytes,
            RefreshTime = average,
            RefreshInterval = interval < MinRefresh ? MinRefresh : interval > MaxRefresh ? MaxRefresh : interval,
        };
    }

    private QueryAdvice Cache(QueryUse use, QueryFrequency frequency, TimeSpan average)
    {
        var reason = $"The query takes {average.TotalMilliseconds:N1} ms on average, and is frequent.";
        var documents = use.Shape.IsCount ? 0 : use.Rows / use.Count;
        return Create(AdviceKind.Cache, "cache", use, frequency, reason) with
        {
            SizeBytes = CountBytes + (documents * costs.DocumentBytes.GetValueOrDefault(use.Shape.Source)),
            RefreshTime = average,
        };
    }

    private QueryAdvice Create(
        AdviceKind kind, string prefix, QueryUse use, QueryFrequency frequency, string reason)
    {
        var saved = use.TotalTime - (use.Count * costs.ReadTime);
        return new QueryAdvice
        {
            Kind = kind,
            Name = NameOf(prefix, use.Shape),
            Source = use.Shape.Source,
            Queries = [use],
            Frequency = frequency,
            Reason = reason,
            SavedTime = saved > TimeSpan.Zero ? saved : TimeSpan.Zero,
        };
    }
}
