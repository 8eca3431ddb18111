using Millrace.Business.Detection;
using Millrace.Business.Findings;
using Millrace.Storage;

namespace Millrace.Business.WeeklyReports;

/// <summary>Creates the report of a period from the stored hours and anomalies.</summary>
internal sealed class ReportBuilder(Kpis kpis, KpiMonitorStore records, TimeProvider time)
{
    private const int MaxFigures = 50;
    private const int MaxMembers = 100;
    private const int MaxListedMembers = 5;
    private const int MaxListedAnomalies = 20;
    private const int YearDays = 371; // The same week of the year before.
    private const int WeekDays = 7;

    /// <summary>The days after the period in which cancellations of its events are found.</summary>
    private const int DaysAfter = 7;

    /// <summary>Returns a token of all events that are stored.</summary>
    public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) =>
        kpis.GetToken(cancellationToken);

    public async Task<KpiReport> Build(KpiPeriod period, ReadAfter after, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var complete = KpiBucket.HourOf(time.GetUtcNow()); // The current hour is not complete.
        var until = complete < period.To ? complete : period.To;
        var figures = new List<KpiReportFigure>();
        foreach (var kpi in (await kpis.List(cancellationToken).ConfigureAwait(false)).Take(MaxFigures))
        {
            if (until > period.From)
            {
                var rest = KpiReader.Rest(after, time.GetElapsedTime(startedAt)); // All figures together wait once.
                figures.Add(await TryFigure(kpi, period, until, rest, cancellationToken).ConfigureAwait(false));
            }
        }
        var anomalies = await records
            .ReadAnomalies(
                new KpiAnomalyQuery { From = period.From, To = period.To, Limit = KpiMonitor.MaxAnomalies },
                cancellationToken)
            .ConfigureAwait(false);
        return new KpiReport
        {
            Title = period.Title,
            Week = period.Week?.ToString(),
            FirstDay = period.FirstDay,
            LastDay = period.EndDay.AddDays(-1),
            TimeZone = period.Zone.Id,
            Until = until,
            IsComplete = until >= period.To,
            Figures = figures,
            Anomalies =
            [
                .. anomalies.OrderBy(static one => one.Member is not null).ThenByDescending(static one => one.Score)
                    .ThenBy(static one => one.Hour).ThenBy(static one => one.Kpi, StringComparer.Ordinal)
                    .Take(MaxListedAnomalies),
            ],
            AnomalyCount = anomalies.Count,
        };
    }

    /// <summary>Returns a figure. A figure that cannot be read has a note, and does not prevent the others.</summary>
    private async Task<KpiReportFigure> TryFigure(
        KpiInfo kpi, KpiPeriod period, DateTimeOffset until, ReadAfter after, CancellationToken cancellationToken)
    {
        try
        {
            return await Figure(kpi, period, until, after, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // For example, a sum that is too large for a decimal.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new KpiReportFigure
            {
                Kpi = kpi,
                Note = ReportNotes.Of(exception),
                IsFresh = exception is not StorageException, // A storage can be back at the next attempt.
            };
        }
    }

    private async Task<KpiReportFigure> Figure(
        KpiInfo kpi, KpiPeriod period, DateTimeOffset until, ReadAfter after, CancellationToken cancellationToken)
    {
        var history = await Read(kpi, period, until, after, cancellationToken).ConfigureAwait(false);
        var before = period.StartOf(period.FirstDay.AddDays(-period.Days));
        var beforeEnd = history.EarlierEnd(period.Days);
        var isKnown = history.Covers(before);
        var main = history.Dimensions.Count > 0 ? history.Dimensions[0] : null;
        return new KpiReportFigure
        {
            Kpi = history.Kpi,
            Value = history.Figure.Value,
            Before = isKnown ? history.Total.Value(before, beforeEnd) : null,
            Events = history.Figure.Count,
            Note = ReportNotes.Of(history.Freshness),
            IsFresh = history.Freshness.IsFresh,
            Bars = ReportBars.Of(history.Total, period, until),
            Dimension = main?.Dimension,
            Members = main is null
                ? []
                : [.. MembersOf(main, period.From, until, isKnown ? (before, beforeEnd) : null)],
            Insights = InsightFinder.Find(history),
        };
    }

    private static IEnumerable<KpiReportMember> MembersOf(
        DimensionSeries dimension,
        DateTimeOffset from,
        DateTimeOffset until,
        (DateTimeOffset From, DateTimeOffset To)? before) =>
        dimension.Members
            .Where(member => member.Hours.Count(from, until) > 0)
            .Select(member => new KpiReportMember(
                member.Member,
                member.Hours.Value(from, until) ?? 0,
                before is { } earlier && member.Hours.Start <= earlier.From
                    ? member.Hours.Value(earlier.From, earlier.To)
                    : null))
            .OrderByDescending(static member => Math.Abs(member.Value))
            .ThenBy(static member => member.Member, StringComparer.Ordinal)
            .Take(MaxListedMembers);

    private async Task<KpiHistory> Read(
        KpiInfo kpi, KpiPeriod period, DateTimeOffset until, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new KpiQuery
        {
            Name = kpi.Name,
            From = period.From.AddDays(-Math.Max(YearDays, period.Days)),
            To = period.To.AddDays(DaysAfter),
            After = after,
        };
        var all = await kpis.Read(query, cancellationToken).ConfigureAwait(false);
        if (!all.IsFresh)
            query = query with { After = after with { Wait = TimeSpan.Zero } }; // The first read has waited in vain.
        var freshness = all.Freshness;
        var figure = await kpis
            .Read(query with { From = period.From, To = until }, cancellationToken).ConfigureAwait(false);
        freshness = freshness.CombineWith(figure.Freshness);
        var memberDays = Math.Max(WeekDays * KpiHistory.Weeks, period.Days <= WeekDays ? 0 : period.Days);
        var dimensions = new List<DimensionSeries>();
        foreach (var dimension in kpi.Dimensions)
        {
            var members = query with
            {
                Dimension = dimension,
                From = period.From.AddDays(-memberDays),
                To = until,
                MaxMembers = MaxMembersOf(memberDays + period.Days),
            };
            if (await kpis.TryReadMembers(members, cancellationToken).ConfigureAwait(false) is not { } found)
                continue;
            dimensions.Add(new DimensionSeries(
                dimension,
                [.. found.Select(static one => new MemberSeries(one.Member!, HourSeries.Of(one)))])); // Has a member.
            freshness = found.Aggregate(freshness, static (combined, one) => combined.CombineWith(one.Freshness));
        }
        return new KpiHistory
        {
            Kpi = all.Kpi,
            Period = period,
            Until = until,
            First = period.StartOf(period.DayOf(
                all.Kpi.First ?? all.Points.FirstOrDefault(static point => point.Count > 0)?.Start ?? until)),
            Total = HourSeries.Of(all),
            Points = [.. all.Points.Where(point => point.Start >= period.From)],
            Figure = figure.Total,
            Dimensions = dimensions,
            Freshness = freshness,
        };
    }

    /// <summary>Returns the number of members, so that a long period does not need too much memory.</summary>
    private static int MaxMembersOf(int days) => days <= 2 * WeekDays * KpiHistory.Weeks ? MaxMembers : MaxMembers / 5;
}
