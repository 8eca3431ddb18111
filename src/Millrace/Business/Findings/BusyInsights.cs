using System.Globalization;
using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>Finds the day and the hour with the highest value.</summary>
internal static class BusyInsights
{
    private const int MinDays = 3;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        if (!history.Total.IsSum || history.Figure.Count == 0)
            yield break;
        if (BusiestDay(history) is { } day)
            yield return day;
        yield return BusiestHour(history);
    }

    private static KpiInsight? BusiestDay(KpiHistory history)
    {
        var (period, total) = (history.Period, history.Total);
        var days = new List<(DateOnly Day, decimal Value)>();
        for (var day = period.FirstDay; day < period.EndDay; day = day.AddDays(1))
        {
            var (from, to) = (total.IndexOf(period.StartOf(day)), total.IndexOf(period.StartOf(day.AddDays(1))));
            if (total.Count(from, to) > 0)
                days.Add((day, total.Sum(from, to)));
        }
        if (days.Count < MinDays)
            return null;
        var busiest = days.MaxBy(static one => one.Value); // The first one, if several are equal.
        var median = UsualValue.Median([.. days.Select(static one => one.Value)]);
        var factor = median > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", {busiest.Value / median:0.0} times the median of the days with events")
            : "";
        var text = $"The busiest day of {KpiText.Name(history.Kpi)} was {KpiText.Day(busiest.Day)}: "
            + $"{KpiText.Value(busiest.Value, history.Kpi)}{factor}.";
        return history.Insight(KpiInsightKind.BusiestDay, text) with
        {
            From = period.StartOf(busiest.Day),
            To = period.StartOf(busiest.Day.AddDays(1)),
            Value = busiest.Value,
            Reference = median,
        };
    }

    private static KpiInsight BusiestHour(KpiHistory history)
    {
        var busiest = history.Points.Where(point => point.Start < history.Until)
            .MaxBy(static point => point.Value)!; // The figure has events.
        var text = $"The busiest hour of {KpiText.Name(history.Kpi)} was on "
            + $"{KpiText.Hour(busiest.Start, history.Period.Zone)}: "
            + $"{KpiText.Value(busiest.Value ?? 0, history.Kpi)}.";
        return history.Insight(KpiInsightKind.BusiestHour, text) with
        {
            From = busiest.Start,
            To = busiest.End,
            Value = busiest.Value,
            Events = busiest.Largest,
            Path = busiest.Path,
        };
    }
}
