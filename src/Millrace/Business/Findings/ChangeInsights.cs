using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>Compares a period with the same time before, with earlier weeks, and with the year before.</summary>
internal static class ChangeInsights
{
    private const int MinWeeks = 4;
    private const int MonthWeeks = 4;
    private const int YearWeeks = 52;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        var isWeek = history.Period.Week is not null;
        var before = isWeek ? "the week before" : "the same time before";
        if (Compare(history, KpiInsightKind.Change, history.Period.Days, before) is { } change)
            yield return change;
        if (!isWeek)
            yield break;
        if (CompareWithUsual(history) is { } usual)
            yield return usual;
        if (CompareMonths(history) is { } month)
            yield return month;
        if (Compare(history, KpiInsightKind.YearChange, YearWeeks * 7, "the same week of the year before") is { } year)
            yield return year;
    }

    private static KpiInsight? Compare(KpiHistory history, KpiInsightKind kind, int days, string before)
    {
        var period = history.Period;
        var from = period.StartOf(period.FirstDay.AddDays(-days));
        if (!history.Covers(from) || history.Figure.Value is not { } value
            || history.Total.Value(from, history.EarlierEnd(days)) is not { } reference)
            return null;
        return Insight(history, kind, value, reference, $"in {before}");
    }

    private static KpiInsight? CompareWithUsual(KpiHistory history)
    {
        var period = history.Period;
        var values = new List<decimal>();
        for (var week = 1; week <= KpiHistory.Weeks; week++)
        {
            var from = period.StartOf(period.FirstDay.AddDays(-7 * week));
            if (history.Covers(from) && history.Total.Value(from, history.EarlierEnd(7 * week)) is { } value)
                values.Add(value);
        }
        return values.Count < MinWeeks || history.Figure.Value is not { } current
            ? null
            : Insight(
                history,
                KpiInsightKind.UsualChange,
                current,
                UsualValue.Median(values),
                $"in the median of the {values.Count} weeks before");
    }

    private static KpiInsight? CompareMonths(KpiHistory history)
    {
        var period = history.Period;
        var start = period.StartOf(period.EndDay.AddDays(-7 * MonthWeeks));
        var before = period.StartOf(period.EndDay.AddDays(-14 * MonthWeeks));
        if (!history.IsComplete || !history.Covers(before) || history.Total.Value(start, period.To) is not { } value
            || history.Total.Value(before, start) is not { } reference || reference == 0)
            return null;
        var text = $"The last four weeks of {KpiText.Name(history.Kpi)}: {KpiText.Value(value, history.Kpi)}, "
            + $"{KpiText.Change(value, reference)} in the four weeks before "
            + $"({KpiText.Value(reference, history.Kpi)}).";
        return history.Insight(KpiInsightKind.Change, text) with
        {
            From = start,
            Value = value,
            Reference = reference,
        };
    }

    private static KpiInsight Insight(
        KpiHistory history, KpiInsightKind kind, decimal value, decimal reference, string when)
    {
        var soFar = history.IsComplete ? "" : " so far";
        var change = reference == 0
            ? $"after {KpiText.Value(reference, history.Kpi)} {when}"
            : $"{KpiText.Change(value, reference)} {when} ({KpiText.Value(reference, history.Kpi)})";
        var text = $"{KpiText.Sentence(KpiText.Name(history.Kpi))}{soFar}: {KpiText.Value(value, history.Kpi)}, "
            + $"{change}.";
        return history.Insight(kind, text) with { Value = value, Reference = reference };
    }
}
