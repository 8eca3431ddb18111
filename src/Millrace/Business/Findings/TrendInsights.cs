using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>
/// Finds whether the weeks of a figure rise or fall: by Kendall's rank correlation with the time, so that single weeks
/// do not matter.
/// </summary>
internal static class TrendInsights
{
    private const int MinWeeks = 6;
    private const int MaxWeeks = 12;
    private const int MaxWeeksOfLongPeriods = 53;
    private const decimal MinCorrelation = 0.6m;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        var (weeks, from) = WeeksOf(history);
        if (weeks.Count < MinWeeks)
            yield break;
        var correlation = Kendall(weeks);
        if (Math.Abs(correlation) < MinCorrelation)
            yield break;
        var third = weeks.Count / 3;
        var (first, last) = (UsualValue.Median(weeks[..third]), UsualValue.Median(weeks[^third..]));
        var kpi = history.Kpi;
        var text = $"The trend of {KpiText.Name(kpi)} in {KpiText.Counted(weeks.Count, "week")} is "
            + $"{(correlation > 0 ? "rising" : "falling")}: from {KpiText.Value(first, kpi)}, the median of the first "
            + $"{third}, to {KpiText.Value(last, kpi)}, the median of the last {third}.";
        yield return history.Insight(KpiInsightKind.Trend, text) with
        {
            From = from,
            Value = last,
            Reference = first,
        };
    }

    /// <summary>Returns the complete weeks before the end, oldest first.</summary>
    private static (List<decimal> Weeks, DateTimeOffset From) WeeksOf(KpiHistory history)
    {
        var period = history.Period;
        var max = Math.Clamp(period.Days / 7, MaxWeeks, MaxWeeksOfLongPeriods);
        var weeks = new List<decimal>();
        var monday = KpiWeek.Of(period.DayOf(history.Until)).Monday; // The start of the first incomplete week.
        var from = period.StartOf(monday);
        while (weeks.Count < max)
        {
            var start = period.StartOf(monday.AddDays(-7));
            if (!history.Covers(start) || history.Total.Value(start, from) is not { } value)
                break;
            weeks.Add(value);
            (monday, from) = (monday.AddDays(-7), start);
        }
        weeks.Reverse();
        return (weeks, from);
    }

    /// <summary>Returns the rank correlation with the time: 1 if each week is higher than all before.</summary>
    private static decimal Kendall(List<decimal> values)
    {
        var sum = 0;
        for (var i = 0; i < values.Count; i++)
        {
            for (var j = i + 1; j < values.Count; j++)
                sum += values[j].CompareTo(values[i]);
        }
        return sum / (values.Count * (values.Count - 1) / 2m);
    }
}
