namespace Millrace.Business;

/// <summary>Chooses the members of the first dimension that are examined separately, and reads their hours.</summary>
internal sealed class FigureMembers(Kpis kpis, KpiMonitorOptions options)
{
    /// <summary>The maximum number of members that an explanation compares. The last one contains all others.</summary>
    private const int MaxCompared = 50;

    private static readonly TimeSpan RankedTime = TimeSpan.FromDays(365);
    private static readonly TimeSpan RankInterval = TimeSpan.FromDays(7);
    private static readonly TimeSpan FewMembersInterval = TimeSpan.FromDays(1);

    /// <summary>Returns whether the largest members must be chosen again.</summary>
    public bool MustRank(KpiInfo kpi, KpiDetectionRecord progress, DateTimeOffset now)
    {
        if (kpi.Dimensions.Count == 0)
            return false;
        var interval = progress.Members.Count < options.MaxMembers ? FewMembersInterval : RankInterval;
        return progress.MaxMembers != options.MaxMembers || (now - progress.RankedAt).Duration() >= interval;
    }

    /// <summary>Returns the largest members of the last year; null if the figure has too many.</summary>
    public async Task<IReadOnlyList<string>?> FindLargest(
        KpiInfo kpi, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (kpi.Dimensions is not [var dimension, ..] || options.MaxMembers == 0)
            return [];
        var query = new KpiQuery
        {
            Name = kpi.Name,
            Dimension = dimension,
            From = to - from > RankedTime ? to - RankedTime : from,
            To = to,
            Step = KpiStep.Month,
            MaxMembers = options.MaxMembers + 1, // One contains all others.
        };
        if (await kpis.TryReadMembers(query, cancellationToken).ConfigureAwait(false) is not { } members)
            return null;
        var days = (query.To - query.From).TotalDays;
        return
        [
            .. members.Where(one => one.Total.Count >= days) // Single events in most hours say nothing about an hour.
                .Select(static one => one.Member!) // Each series has a member.
                .Where(static name => name is not (Kpis.OtherMember or Kpis.NoMember))
                .Take(options.MaxMembers),
        ];
    }

    /// <summary>
    /// Returns the hours of the members that are compared, and of those with a detector; null if events are missing. If
    /// the figure has too many members, only those with a detector are read.
    /// </summary>
    public async Task<IReadOnlyList<(KpiSeries Series, bool IsCompared)>?> Read(
        FigurePass pass, IReadOnlyList<KpiPoint> points, CancellationToken cancellationToken)
    {
        if (pass.Kpi.Dimensions is not [var dimension, ..])
            return [];
        var query = new KpiQuery
        {
            Name = pass.Kpi.Name,
            Dimension = dimension,
            From = points[0].Start,
            To = points[^1].End,
            MaxMembers = MaxCompared,
            After = pass.After,
        };
        var largest = await kpis.TryReadMembers(query, cancellationToken).ConfigureAwait(false) ?? [];
        var all = largest.Select(static series => (Series: series, IsCompared: true)).ToList();
        foreach (var member in pass.Detectors.Members)
        {
            if (all.All(one => one.Series.Member != member))
                all.Add((
                    await kpis.Read(query with { Member = member }, cancellationToken).ConfigureAwait(false), false));
        }
        return all.TrueForAll(static one => one.Series.IsFresh) ? all : null;
    }

    /// <summary>Returns the hours of a member.</summary>
    public async Task<KpiSeries> Read(
        FigurePass pass,
        string member,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken)
    {
        var query = new KpiQuery
        {
            Name = pass.Kpi.Name,
            Dimension = pass.Kpi.Dimensions[0],
            Member = member,
            From = from,
            To = to,
            After = pass.After,
        };
        return await kpis.Read(query, cancellationToken).ConfigureAwait(false);
    }
}
