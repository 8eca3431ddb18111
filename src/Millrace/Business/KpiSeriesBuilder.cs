using Millrace.Business.Detection;
using Millrace.Shared.Comparisons;

namespace Millrace.Business;

/// <summary>Creates the series of a query from the stored hours.</summary>
internal sealed class KpiSeriesBuilder
{
    private readonly Dictionary<string, KpiTimes> _times = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _start;
    private readonly DateTimeOffset _now;
    private DateTimeOffset? _first;
    private Freshness _freshness = Freshness.Fresh;

    public KpiSeriesBuilder(KpiQuery query, KpiInfo kpi, DateTimeOffset now)
    {
        (Query, Kpi, _now, _first) = (query, kpi, now, kpi.First);
        _start = KpiPeriods.StartOf(query.From, query.Step);
        End = KpiPeriods.Next(KpiPeriods.StartOf(query.To.AddTicks(-1), query.Step), query.Step);
        ReadFrom = KpiPeriods.Earlier(_start, query.Step, query.Weeks);
        for (var start = _start; start < End && PeriodCount <= Kpis.MaxPoints;)
        {
            start = KpiPeriods.Next(start, query.Step);
            PeriodCount++;
        }
    }

    public KpiQuery Query { get; }

    public KpiInfo Kpi { get; }

    /// <summary>Gets the end of the last period.</summary>
    public DateTimeOffset End { get; }

    /// <summary>Gets the start of the time to read, with the earlier weeks.</summary>
    public DateTimeOffset ReadFrom { get; }

    /// <summary>Gets the number of periods, or a number above the limit.</summary>
    public int PeriodCount { get; }

    /// <summary>Gets the number of values of all members.</summary>
    public int CellCount { get; private set; }

    /// <summary>Adds hours, in any order.</summary>
    public void Add(KpiBuckets found)
    {
        _freshness = _freshness.CombineWith(found.Freshness);
        foreach (var bucket in found.Buckets)
        {
            if (_first is null || bucket.Start < _first)
                _first = bucket.Start;
            var start = KpiPeriods.StartOf(bucket.Start, Query.Step);
            if (Query.Dimension is null)
            {
                Add("", start, bucket.Total);
                continue;
            }
            foreach (var (name, cell) in bucket.Members ?? new Dictionary<string, KpiCell>())
            {
                if (Query.Member is null || Query.Member == name)
                    Add(name, start, cell);
            }
        }
    }

    /// <summary>Returns the values of a member; without values if there is no such member.</summary>
    public KpiTimes TimesOf(string member) => _times.GetValueOrDefault(member) ?? new KpiTimes();

    /// <summary>Creates the series of the members with the largest totals. The last one contains all others.</summary>
    public IReadOnlyList<KpiSeries> BuildMembers(int maxMembers)
    {
        var ranked = _times
            .Select(one => (Name: one.Key, Times: one.Value, Total: one.Value.TotalFrom(_start)))
            .Where(static one => one.Total.Count > 0)
            .OrderByDescending(one => Math.Abs(
                HourSeries.IsSumOf(Kpi.Kind) ? one.Total.Sum : one.Total.Weight ?? 0))
            .ThenBy(static one => one.Name, StringComparer.Ordinal)
            .ToList();
        if (ranked.Count <= maxMembers)
            return [.. ranked.Select(one => Build(one.Name, one.Times))];
        var named = ranked.Where(static one => one.Name != Kpis.OtherMember).Take(maxMembers - 1).ToList();
        var others = new KpiTimes();
        foreach (var one in ranked.ExceptBy(named.Select(static one => one.Name), static one => one.Name))
            others.AddAll(one.Times);
        return [.. named.Select(one => Build(one.Name, one.Times)), Build(Kpis.OtherMember, others)];
    }

    /// <summary>Creates the series of a member, or of the whole figure if the member is null.</summary>
    public KpiSeries Build(string? member, KpiTimes times)
    {
        var points = new List<KpiPoint>(PeriodCount);
        for (var start = _start; start < End; start = KpiPeriods.Next(start, Query.Step))
        {
            var cell = times.Find(start);
            var point = PointOf(start, KpiPeriods.Next(start, Query.Step), cell);
            points.Add(point with
            {
                Comparison = point.IsComplete ? Compare(times, point) : null,
                Path = Query.Step == KpiStep.Hour && cell is not null ? PathOf(start, member) : null,
            });
        }
        return new KpiSeries
        {
            Kpi = Kpi,
            Dimension = Query.Dimension,
            Member = member,
            Step = Query.Step,
            Points = points,
            Total = PointOf(_start, End, times.TotalFrom(_start)),
            Freshness = _freshness,
        };
    }

    private void Add(string member, DateTimeOffset start, KpiCell? cell)
    {
        if (cell is null)
            return;
        if (!_times.TryGetValue(member, out var times))
            _times[member] = times = new KpiTimes();
        if (times.Add(start, cell))
            CellCount++;
    }

    private KpiPoint PointOf(DateTimeOffset start, DateTimeOffset end, KpiCell? cell) => new()
    {
        Start = start,
        End = end,
        Value = (cell ?? KpiCell.Empty).ValueOf(Kpi.Kind),
        Sum = cell?.Sum ?? 0,
        Weight = cell?.Weight ?? 0,
        Count = cell?.Count ?? 0,
        IsComplete = end <= _now,
        Percentiles = KpiHistogram.PercentilesOf(cell?.Durations),
        Largest = cell?.Largest ?? [],
    };

    private KpiComparison? Compare(KpiTimes times, KpiPoint point)
    {
        if (point.Value is not { } value || _first is not { } first)
            return null;
        var earlier = new List<decimal>();
        for (var week = 1; week <= Query.Weeks; week++)
        {
            var start = KpiPeriods.Earlier(point.Start, Query.Step, week);
            if (start >= KpiPeriods.StartOf(first, Query.Step)
                && (times.Find(start) ?? KpiCell.Empty).ValueOf(Kpi.Kind) is { } found)
                earlier.Add(found);
        }
        if (earlier.Count == 0)
            return null;
        var median = UsualValue.Median(earlier); // Sorts them.
        var difference = median == 0 ? (decimal?)null : Math.Round((value - median) / Math.Abs(median) * 100, 2);
        return new KpiComparison(earlier.Count, median, earlier[0], earlier[^1], difference);
    }

    private string PathOf(DateTimeOffset start, string? member)
    {
        var key = $"{Kpi.Projection}/{KpiBucket.KeyOf(start, Query.Dimension)}";
        return member is null
            ? $"{key}.total.sum"
            : $"{key}.members{MemberPath.StepText(member, isFirst: false)}.sum";
    }
}
