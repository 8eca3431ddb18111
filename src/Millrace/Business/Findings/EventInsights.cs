namespace Millrace.Business.Findings;

/// <summary>
/// Finds the largest single events, and whether they were cancelled by events with the opposite value.
/// </summary>
internal static class EventInsights
{
    private const int MaxEvents = 3;

    /// <summary>How many times the mean event an event must be.</summary>
    private const int MinFactor = 5;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        var figure = history.Figure;
        if (history.Kpi.Kind != KpiKind.Sum && history.Kpi.Kind != KpiKind.Count || figure.Count == 0)
            return [];
        var mean = Math.Abs(figure.Value ?? 0) / figure.Count;
        var explained = new HashSet<long>();
        var insights = new List<KpiInsight>();
        foreach (var largest in figure.Largest.Where(one => Math.Abs(one.Value) >= MinFactor * mean))
        {
            if (insights.Count == MaxEvents || !explained.Add(largest.Position)
                || HourOf(history, largest) is not { } hour)
                continue;
            var opposite = FindOpposite(history, largest, explained);
            if (opposite is { } pair)
                explained.Add(pair.Event.Position);
            insights.Add(InsightOf(history, largest, hour, opposite, isLargest: insights.Count == 0));
        }
        return insights;
    }

    private static KpiInsight InsightOf(
        KpiHistory history,
        KpiContribution largest,
        KpiPoint hour,
        (KpiContribution Event, KpiPoint Hour)? opposite,
        bool isLargest)
    {
        // Of an event and its opposite, the earlier one is the event, and the later one cancels it.
        var (first, at, then) = opposite is { } pair && pair.Event.Position < largest.Position
            ? (pair.Event, pair.Hour, (largest, hour))
            : (largest, hour, opposite);
        var kpi = history.Kpi;
        var which = isLargest ? "The largest single event" : "Another large event";
        var text = $"{which} of {KpiText.Name(kpi)} is {KpiText.Value(first.Value, kpi)}, on "
            + $"{KpiText.Hour(at.Start, history.Period.Zone)} ({first.Stream}). "
            + (then is { } cancelled
                ? $"It was cancelled {Later(at, cancelled.Item2)}: an event has the opposite value."
                : first.Value < 0 ? "No other event has the opposite value."
                : "No other event has the opposite value, so it was not cancelled as a whole.");
        return history.Insight(KpiInsightKind.LargestEvent, text) with
        {
            From = at.Start,
            To = at.End,
            Value = first.Value,
            Reference = then?.Item1.Value,
            Events = then is { } other ? [first, other.Item1] : [first],
            Path = at.Path,
        };
    }

    private static string Later(KpiPoint first, KpiPoint then)
    {
        var hours = (long)(then.Start - first.Start).TotalHours;
        return hours == 0 ? "in the same hour"
            : hours < 48 ? $"{KpiText.Counted(hours, "hour")} later"
            : $"{KpiText.Counted(hours / 24, "day")} later";
    }

    private static (KpiContribution Event, KpiPoint Hour)? FindOpposite(
        KpiHistory history, KpiContribution one, HashSet<long> explained)
    {
        (KpiContribution Event, KpiPoint Hour)? nearest = null;
        foreach (var point in history.Points)
        {
            foreach (var other in point.Largest)
            {
                if (other.Value == -one.Value && !explained.Contains(other.Position)
                    && (nearest is not { } best || Distance(other, one) < Distance(best.Event, one)))
                    nearest = (other, point);
            }
        }
        return nearest;
    }

    private static long Distance(KpiContribution one, KpiContribution other) =>
        Math.Abs(one.Position - other.Position);

    private static KpiPoint? HourOf(KpiHistory history, KpiContribution one) =>
        history.Points.FirstOrDefault(point => point.Largest.Contains(one));
}
