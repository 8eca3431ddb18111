namespace Millrace.Business.Findings;

/// <summary>Finds all insights about a figure in a period. The same values always give the same insights.</summary>
internal static class InsightFinder
{
    public static IReadOnlyList<KpiInsight> Find(KpiHistory history) =>
    [
        .. EventInsights.Find(history),
        .. BusyInsights.Find(history),
        .. ChangeInsights.Find(history),
        .. TrendInsights.Find(history),
        .. MemberInsights.Find(history),
    ];
}
