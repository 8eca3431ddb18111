using Millrace.Business.Detection;

namespace Millrace.Business.Findings;

/// <summary>Finds new and vanished members of dimensions, and members that reduce the figure.</summary>
internal static class MemberInsights
{
    private const int MaxPerDimension = 3;
    private const int MinWeeks = 4;
    private const decimal MinActiveShare = 0.75m;
    private const decimal MinReduction = 0.01m;

    public static IEnumerable<KpiInsight> Find(KpiHistory history)
    {
        var weeks = KnownWeeks(history);
        foreach (var dimension in history.Dimensions)
        {
            var members = dimension.Members.Where(static one => one.Member != Kpis.OtherMember).ToList();
            if (history.Total.IsSum)
            {
                foreach (var insight in Reductions(history, dimension.Dimension, members))
                    yield return insight;
            }
            if (weeks.Count < MinWeeks)
                continue;
            foreach (var insight in NewMembers(history, dimension.Dimension, members, weeks))
                yield return insight;
            if (!history.IsComplete)
                continue;
            foreach (var insight in VanishedMembers(history, dimension.Dimension, members, weeks))
                yield return insight;
        }
    }

    /// <summary>Returns the weeks before the period of which all hours are known, newest first.</summary>
    private static List<(DateTimeOffset From, DateTimeOffset To)> KnownWeeks(KpiHistory history)
    {
        var period = history.Period;
        var weeks = new List<(DateTimeOffset From, DateTimeOffset To)>();
        for (var week = 1; week <= KpiHistory.Weeks; week++)
        {
            var from = period.StartOf(period.FirstDay.AddDays(-7 * week));
            if (!history.Covers(from))
                break;
            weeks.Add((from, period.StartOf(period.FirstDay.AddDays(-7 * (week - 1)))));
        }
        return weeks;
    }

    private static IEnumerable<KpiInsight> Reductions(
        KpiHistory history, string dimension, List<MemberSeries> members)
    {
        var values = members.Select(member => (member.Member, Value: ValueOf(history, member.Hours))).ToList();
        var positive = values.Sum(static one => Math.Max(0, one.Value));
        return values
            .Where(one => positive > 0 && -one.Value >= MinReduction * positive)
            .OrderBy(static one => one.Value)
            .Take(MaxPerDimension)
            .Select(one => history.Insight(
                KpiInsightKind.Reduction,
                $"{NameOf(dimension, one.Member)} reduces {KpiText.Name(history.Kpi)} by "
                    + $"{KpiText.Percent(-one.Value / positive)} ({KpiText.Value(one.Value, history.Kpi)}).") with
            {
                Dimension = dimension,
                Member = one.Member,
                Value = one.Value,
                Reference = positive,
            });
    }

    private static IEnumerable<KpiInsight> NewMembers(
        KpiHistory history,
        string dimension,
        List<MemberSeries> members,
        List<(DateTimeOffset From, DateTimeOffset To)> weeks) =>
        members
            .Where(member => CountOf(history, member.Hours) > 0
                && member.Hours.Count(weeks[^1].From, weeks[0].To) == 0)
            .Select(member => (member.Member, Value: ValueOf(history, member.Hours)))
            .OrderByDescending(static one => Math.Abs(one.Value))
            .ThenBy(static one => one.Member, StringComparer.Ordinal)
            .Take(MaxPerDimension)
            .Select(one => history.Insight(
                KpiInsightKind.NewMember,
                $"{NameOf(dimension, one.Member)} is new in {KpiText.Name(history.Kpi)}: "
                    + $"{KpiText.Value(one.Value, history.Kpi)}, after {KpiText.Counted(weeks.Count, "week")} without "
                    + "events.") with
            {
                Dimension = dimension,
                Member = one.Member,
                Value = one.Value,
                Reference = 0,
            });

    private static IEnumerable<KpiInsight> VanishedMembers(
        KpiHistory history,
        string dimension,
        List<MemberSeries> members,
        List<(DateTimeOffset From, DateTimeOffset To)> weeks) =>
        members
            .Where(member => CountOf(history, member.Hours) == 0)
            .Select(member => (member.Member, Active: weeks
                .Where(week => member.Hours.Count(week.From, week.To) > 0)
                .Select(week => member.Hours.Value(week.From, week.To) ?? 0)
                .ToList()))
            .Where(one => one.Active.Count >= MinActiveShare * weeks.Count)
            .Select(one => (one.Member, one.Active, Usual: UsualValue.Median(one.Active)))
            .OrderByDescending(static one => Math.Abs(one.Usual))
            .ThenBy(static one => one.Member, StringComparer.Ordinal)
            .Take(MaxPerDimension)
            .Select(one => history.Insight(
                KpiInsightKind.VanishedMember,
                $"{NameOf(dimension, one.Member)} has no events in {KpiText.Name(history.Kpi)}. In "
                    + $"{one.Active.Count} of the {weeks.Count} weeks before it had, with a median of "
                    + $"{KpiText.Value(one.Usual, history.Kpi)}.") with
            {
                Dimension = dimension,
                Member = one.Member,
                Value = null,
                Reference = one.Usual,
            });

    private static string NameOf(string dimension, string member) =>
        KpiText.Sentence($"{KpiText.Name(dimension)} {member}");

    private static decimal ValueOf(KpiHistory history, HourSeries hours) =>
        hours.Value(history.Period.From, history.Until) ?? 0;

    private static long CountOf(KpiHistory history, HourSeries hours) =>
        hours.Count(history.Period.From, history.Until);
}
