using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>
/// Finds the largest single events, and later events with the opposite value. Only the largest events of each hour are
/// known.
/// </summary>
internal static class EventInsights
{
    private const int MaxEvents = 3;

    /// <summary>How many times the mean event an event must be.</summary>
    private const int MinFactor = 5;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        var figure = history.Figure;
        if (!HourSeries.IsSumOf(history.Kpi.Kind) || figure.Count == 0)
            return [];
        var mean = Math.Abs(figure.Value ?? 0) / figure.Count;
        var explained = new HashSet<(string Stream, long Position)>(); // With shards, positions are not unique.
        var insights = new List<KpiInsight>();
        // Of opposite events, the first one is described, with the one that cancels it.
        var large = figure.Largest.Where(one => Math.Abs(one.Value) >= MinFactor * mean)
            .OrderByDescending(static one => Math.Abs(one.Value))
            .ThenBy(static one => one.Position);
        foreach (var largest in large)
        {
            if (insights.Count == MaxEvents || !explained.Add(IdOf(largest))
                || HourOf(history, largest) is not { } hour)
                continue;
            var (first, then) = InOrder(history, (largest, hour), FindOpposite(history, largest, hour, explained));
            explained.Add(IdOf(first.Event));
            if (then is { } opposite)
                explained.Add(IdOf(opposite.Event));
            insights.Add(InsightOf(history, first.Event, first.Hour, then, isLargest: insights.Count == 0));
        }
        return insights;
    }

    /// <summary>
    /// Returns the cancelled event before the one that cancels it, if there is one. If they have the same hour and
    /// different streams, the order in which they were appended says nothing: an import can append them in any order.
    /// Then the cancelled one is the event with the sign of the figure.
    /// </summary>
    private static ((KpiContribution Event, KpiPoint Hour) First, (KpiContribution Event, KpiPoint Hour)? Then) InOrder(
        KpiHistory history,
        (KpiContribution Event, KpiPoint Hour) one,
        (KpiContribution Event, KpiPoint Hour)? opposite) =>
        opposite is { } other && one.Event.Stream != other.Event.Stream && one.Hour.Start == other.Hour.Start
            && Math.Sign(other.Event.Value) == Math.Sign(history.Figure.Value ?? 0)
            ? (other, one)
            : (one, opposite);

    private static KpiInsight InsightOf(
        KpiHistory history,
        KpiContribution largest,
        KpiPoint hour,
        (KpiContribution Event, KpiPoint Hour)? opposite,
        bool isLargest)
    {
        var kpi = history.Kpi;
        var which = isLargest ? "The largest single event" : "Another large event";
        var text = $"{which} of {KpiText.Name(kpi)} is {KpiText.Value(largest.Value, kpi)}, on "
            + $"{KpiText.Hour(hour.Start, history.Period.Zone)} ({largest.Stream}). "
            + TextOf(largest, hour, opposite);
        return history.Insight(KpiInsightKind.LargestEvent, text) with
        {
            From = hour.Start,
            To = hour.End,
            Value = largest.Value,
            Reference = opposite?.Event.Value,
            Events = opposite is { } pair ? [largest, pair.Event] : [largest],
            Path = hour.Path,
        };
    }

    private static string TextOf(
        KpiContribution largest, KpiPoint hour, (KpiContribution Event, KpiPoint Hour)? opposite) => opposite switch
        {
            null => "No opposite event was found among the largest of each hour.",
            { } pair when pair.Event.Stream == largest.Stream =>
                $"It was cancelled {Later(hour, pair.Hour)}: an event has the opposite value.",
            { } pair => $"It was probably cancelled {Later(hour, pair.Hour)}: "
                + $"an event of {pair.Event.Stream} has the opposite value.",
        };

    private static string Later(KpiPoint first, KpiPoint then)
    {
        var hours = (long)(then.Start - first.Start).TotalHours;
        return hours < 0 ? "with an earlier time"
            : hours == 0 ? "in the same hour"
            : hours < 48 ? $"{KpiText.Counted(hours, "hour")} later"
            : $"{KpiText.Counted(hours / 24, "day")} later";
    }

    /// <summary>Returns the next event with the opposite value, if possible of the same stream.</summary>
    private static (KpiContribution Event, KpiPoint Hour)? FindOpposite(
        KpiHistory history, KpiContribution one, KpiPoint hour, HashSet<(string Stream, long Position)> explained)
    {
        (KpiContribution Event, KpiPoint Hour)? found = null;
        foreach (var point in history.Points) // In the order of time.
        {
            foreach (var other in point.Largest)
            {
                if (other.Value != -one.Value || explained.Contains(IdOf(other)) || !IsLater(other, point, one, hour)
                    || (other.Stream != one.Stream && CancelsItsStream(history, other)))
                    continue;
                if (found is not { } best || IsBetter(other, point, best.Event, best.Hour, one.Stream))
                    found = (other, point);
            }
        }
        return found;
    }

    /// <summary>Returns whether an event follows another one: in its stream, or else in the time.</summary>
    private static bool IsLater(KpiContribution other, KpiPoint point, KpiContribution one, KpiPoint hour) =>
        other.Stream == one.Stream
            ? other.Position > one.Position
            : point.Start > hour.Start || (point.Start == hour.Start && other.Position >= one.Position);

    /// <summary>Returns whether an event has the opposite value of an earlier event of the same stream.</summary>
    private static bool CancelsItsStream(KpiHistory history, KpiContribution one) =>
        history.Points.SelectMany(static point => point.Largest).Any(other =>
            other.Stream == one.Stream && other.Value == -one.Value && other.Position < one.Position);

    private static bool IsBetter(
        KpiContribution other, KpiPoint point, KpiContribution best, KpiPoint bestHour, string stream) =>
        (other.Stream == stream) != (best.Stream == stream)
            ? other.Stream == stream
            : point.Start == bestHour.Start && other.Position < best.Position;

    private static (string Stream, long Position) IdOf(KpiContribution one) => (one.Stream, one.Position);

    private static KpiPoint? HourOf(KpiHistory history, KpiContribution one) =>
        history.Points.FirstOrDefault(point => point.Largest.Contains(one));
}
