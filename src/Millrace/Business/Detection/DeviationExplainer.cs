namespace Millrace.Business.Detection;

/// <summary>
/// Finds the members of a dimension behind a deviation. Each member is compared with its own usual value. The shares of
/// all members add up to 1.
/// </summary>
internal static class DeviationExplainer
{
    /// <summary>The maximum number of members in an explanation.</summary>
    public const int MaxMembers = 5;

    /// <summary>
    /// Returns the members that deviate most, most first; none if nothing is known about earlier weeks.
    /// </summary>
    /// <param name="total">The whole figure.</param>
    /// <param name="members">The members, with hours that start at the same time.</param>
    /// <param name="from">The first hour of the deviation.</param>
    /// <param name="to">The hour after the last one.</param>
    public static IReadOnlyList<KpiMemberDeviation> Explain(
        HourSeries total, IReadOnlyList<MemberSeries> members, int from, int to)
    {
        if (UsualValue.Of(total, from, to - from) is not { } usual || total.Value(from, to) is null)
            return [];
        var all = members.Select(member => DeviationOf(member, total, usual, from, to)).ToList();
        // Without limits on members, these are the deviations of the members; the usual values are medians, so that
        // their sum differs from the median of the sums.
        var sum = all.Sum(static one => one.Effect);
        if (sum == 0)
            return [];
        return
        [
            .. all.Where(static one => one.Effect != 0)
                .OrderByDescending(static one => Math.Abs(one.Effect))
                .ThenBy(static one => one.Member, StringComparer.Ordinal)
                .Take(MaxMembers)
                .Select(one => new KpiMemberDeviation(
                    one.Member, one.Value, one.Usual, Math.Round(one.Effect / sum, 4))),
        ];
    }

    private static (string Member, decimal Value, decimal? Usual, decimal Effect) DeviationOf(
        MemberSeries member, HourSeries total, decimal usualTotal, int from, int to)
    {
        var hours = member.Hours;
        var usual = UsualValue.Of(hours, from, to - from);
        var value = hours.Value(from, to) ?? 0;
        // The effect of a member on a mean is the difference of its values from the usual mean of all.
        var effect = total.IsSum
            ? value - (usual ?? 0)
            : (hours.Sum(from, to) - usualTotal * hours.Count(from, to)) / Math.Max(1, total.Count(from, to));
        return (member.Member, value, usual, effect);
    }
}
