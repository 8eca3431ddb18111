using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Millrace.Alerting;
using Millrace.Business.Detection;

namespace Millrace.Business;

/// <summary>
/// Examines the complete hours of each figure, from its first hour, and stores the anomalies together with the states
/// of the detectors. If values that were examined have changed, the figure is examined again from its start.
/// </summary>
internal sealed partial class KpiDetection(
    EventStore store, Kpis kpis, KpiMonitorStore records, KpiMonitorSetup setup, ILogger logger)
{
    /// <summary>The number of hours that are examined in one commit.</summary>
    private const int ChunkHours = 700;

    /// <summary>The maximum number of members that an explanation compares. The last one contains all others.</summary>
    private const int MaxCompared = 50;

    private const int MaxLearnedYears = 5;
    private const int MaxYears = 10; // Less than Kpis.MaxPoints hours.
    private static readonly TimeSpan FreshnessTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);

    /// <summary>The time without events after which hours are no longer examined.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromDays(14);

    private readonly AnomalyCommit _commit = new(records, setup, new AlertStore(store));
    private readonly Dictionary<string, long> _checkedAt = new(StringComparer.Ordinal);

    /// <summary>Examines all figures. A figure with an error does not stop the others.</summary>
    public async Task Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await records.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var after = new ReadAfter(
            await store.GetToken(cancellationToken).ConfigureAwait(false), FreshnessTimeout);
        foreach (var kpi in await kpis.List(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await Examine(kpi, after, now, cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException exception)
            {
                Log.NotExamined(logger, kpi.Name, exception);
            }
        }
    }

    private async Task Examine(KpiInfo kpi, ReadAfter after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (EndOf(kpi, now) is not { } end)
            return;
        var found = await records.FindProgress(kpi.Name, cancellationToken).ConfigureAwait(false);
        var progress = found?.Value;
        if (progress is not null && progress.Through >= end && WasChecked(kpi.Name))
            return;
        var start = progress?.Start ?? FirstOf(kpi, end);
        end = progress is not null && progress.Through > end ? progress.Through : end;
        if (end <= start)
            return;
        var series = await Read(kpi, start, end, after, cancellationToken).ConfigureAwait(false);
        if (!series.Freshness.IsFresh)
            return; // The projection has not read all events yet. The next pass tries again.
        var detectors = progress is null || !IsUnchanged(progress, series)
            ? null
            : await FigureDetectors.Load(records, kpi.Name, progress.Members, cancellationToken).ConfigureAwait(false);
        var isNew = detectors is null;
        if (isNew)
        {
            if (progress is not null && FirstOf(kpi, end) is var first && first != start)
                series = await Read(kpi, first, end, after, cancellationToken).ConfigureAwait(false);
            (progress, detectors) = await Begin(kpi, series, progress, now, cancellationToken).ConfigureAwait(false);
        }
        var version = found?.Version ?? 0;
        await Feed(new FigurePass(kpi, series, detectors!, now, after), progress!, version, isNew, cancellationToken)
            .ConfigureAwait(false);
        _checkedAt[kpi.Name] = store.Time.GetTimestamp();
    }

    /// <summary>Examines the hours after the last examined one, in parts that are stored separately.</summary>
    private async Task Feed(
        FigurePass pass,
        KpiDetectionRecord progress,
        long version,
        bool isNew,
        CancellationToken cancellationToken)
    {
        var points = pass.Series.Points;
        var next = (int)(progress.Through - progress.Start).TotalHours;
        while (next < points.Count || isNew)
        {
            var to = Math.Min(points.Count, next + ChunkHours);
            var anomalies = await Examine(pass, next, to, cancellationToken).ConfigureAwait(false);
            progress = progress with
            {
                Through = progress.Start + TimeSpan.FromHours(to),
                Hash = HashOf(points, to),
            };
            var outcome = new ExaminedHours(pass.Kpi.Name, progress, pass.Detectors, anomalies, isNew, pass.Now);
            if (await _commit.TryCommit(outcome, version, cancellationToken).ConfigureAwait(false) is not { } committed)
                return; // Another node has examined the hours.
            (version, next, isNew) = (committed, to, false);
        }
        await _commit.RemoveOldest(pass.Kpi.Name, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<KpiAnomaly>> Examine(
        FigurePass pass, int from, int to, CancellationToken cancellationToken)
    {
        var kpi = pass.Kpi;
        var context = Math.Max(0, from - UsualValue.NeededHours - UsualValue.WeekHours);
        var points = pass.Slice(context, to);
        var members = await ReadMembers(pass, points, cancellationToken).ConfigureAwait(false);
        var compared = members.Where(static one => one.IsCompared)
            .Select(static one => new MemberSeries(one.Series.Member!, HourSeries.Of(one.Series))).ToList();
        var explainer = new AnomalyExplainer(kpi, compared, setup.Options.TimeZone);
        var anomalies = new List<KpiAnomaly>();
        Add(null, pass.Detectors.Total, points);
        for (var number = 0; number < pass.Detectors.Members.Count; number++)
        {
            var name = pass.Detectors.Members[number];
            Add(name, pass.Detectors.Member(number), members.First(one => one.Series.Member == name).Series.Points);
        }
        return anomalies;

        void Add(string? member, AnomalyDetector detector, IReadOnlyList<KpiPoint> hours)
        {
            for (var hour = from - context; hour < to - context; hour++)
            {
                var isSum = HourSeries.IsSumOf(kpi.Kind);
                var value = hours[hour].Value is { } known ? (double)known : isSum ? 0 : double.NaN;
                var result = detector.Add(hours[hour].Start, value);
                if (result.IsAnomaly)
                    anomalies.Add(explainer.Explain(member, hours, hour, result, pass.Now));
            }
        }
    }

    /// <summary>Returns the members that are compared, and those with a detector.</summary>
    private async Task<IReadOnlyList<(KpiSeries Series, bool IsCompared)>> ReadMembers(
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
        var largest = await kpis.ReadMembers(query, cancellationToken).ConfigureAwait(false);
        var all = largest.Select(static series => (series, true)).ToList();
        foreach (var member in pass.Detectors.Members)
        {
            if (all.All(one => one.series.Member != member))
                all.Add((
                    await kpis.Read(query with { Member = member }, cancellationToken).ConfigureAwait(false), false));
        }
        return all;
    }

    /// <summary>Starts to examine a figure from its first hour.</summary>
    private async Task<(KpiDetectionRecord Progress, FigureDetectors Detectors)> Begin(
        KpiInfo kpi,
        KpiSeries series,
        KpiDetectionRecord? before,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var members = await FindLargestMembers(kpi, series, cancellationToken).ConfigureAwait(false);
        var start = series.Points[0].Start;
        var progress = new KpiDetectionRecord
        {
            Start = start,
            Through = start,
            First = series.Kpi.First ?? start,
            Hash = "",
            // Hours that were examined before are not reported again.
            NotifyFrom = before is not null && before.Through > now - AnomalyCommit.NoticeAge
                ? before.Through
                : now - AnomalyCommit.NoticeAge,
            Members = members,
        };
        return (progress, new FigureDetectors(members));
    }

    private async Task<IReadOnlyList<string>> FindLargestMembers(
        KpiInfo kpi, KpiSeries series, CancellationToken cancellationToken)
    {
        if (kpi.Dimensions is not [var dimension, ..] || setup.Options.MaxMembers == 0)
            return [];
        var query = new KpiQuery
        {
            Name = kpi.Name,
            Dimension = dimension,
            From = series.Points[0].Start,
            To = series.Points[^1].End,
            Step = KpiStep.Month,
            MaxMembers = setup.Options.MaxMembers + 1, // One contains all others.
        };
        var members = await kpis.ReadMembers(query, cancellationToken).ConfigureAwait(false);
        var days = (query.To - query.From).TotalDays;
        return
        [
            .. members.Where(one => one.Total.Count >= days) // Single events in most hours say nothing about an hour.
                .Select(static one => one.Member!) // Each series has a member.
                .Where(static name => name is not (Kpis.OtherMember or Kpis.NoMember))
                .Take(setup.Options.MaxMembers),
        ];
    }

    private async Task<KpiSeries> Read(
        KpiInfo kpi, DateTimeOffset from, DateTimeOffset to, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new KpiQuery { Name = kpi.Name, From = from, To = to, After = after };
        return await kpis.Read(query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the end of the last hour to examine; null if there are no events. A figure without events for two weeks,
    /// such as one of imported history, is examined until its last event.
    /// </summary>
    private DateTimeOffset? EndOf(KpiInfo kpi, DateTimeOffset now)
    {
        if (kpi.Last is not { } last)
            return null;
        var complete = KpiBucket.HourOf(now - setup.Options.LateEvents);
        return complete - last > IdleTime ? last.AddHours(1) : complete;
    }

    private static DateTimeOffset FirstOf(KpiInfo kpi, DateTimeOffset end)
    {
        var oldest = KpiBucket.HourOf(end.AddYears(-MaxLearnedYears));
        return kpi.First is { } first && first > oldest ? first : oldest;
    }

    private bool WasChecked(string kpi) =>
        _checkedAt.TryGetValue(kpi, out var at) && store.Time.GetElapsedTime(at) < CheckInterval;

    private static bool IsUnchanged(KpiDetectionRecord progress, KpiSeries series) =>
        progress.First == (series.Kpi.First ?? progress.First)
        && series.Points[^1].End <= progress.Start.AddYears(MaxYears)
        && progress.Hash == HashOf(series.Points, (int)(progress.Through - progress.Start).TotalHours);

    private static string HashOf(IReadOnlyList<KpiPoint> points, int hours)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<int> bits = stackalloc int[6];
        for (var hour = 0; hour < hours; hour++)
        {
            // Normalized, because equal decimals can have different numbers of digits.
            decimal.GetBits((points[hour].Value ?? 0) / 1.0000000000000000000000000000m, bits);
            (bits[4], bits[5]) = ((int)points[hour].Count, (int)(points[hour].Count >> 32));
            hash.AppendData(MemoryMarshal.AsBytes(bits));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 26001,
            Level = LogLevel.Error,
            Message = "The hours of the KPI {Kpi} cannot be examined. The next attempt follows after the interval.")]
        public static partial void NotExamined(ILogger logger, string kpi, Exception exception);
    }
}
