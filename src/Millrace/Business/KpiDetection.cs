using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Millrace.Alerting;
using Millrace.Business.Detection;
using Millrace.Monitoring;

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

    /// <summary>The number of earlier hours that explanations need.</summary>
    private const int ContextHours = UsualValue.NeededHours + UsualValue.WeekHours;

    /// <summary>The maximum number of anomalies that are stored when a new member is examined.</summary>
    private const int MaxMemberAnomalies = 100;

    private const int MaxLearnedYears = 5;
    private const int MaxYears = 10; // Less than Kpis.MaxPoints hours.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);

    /// <summary>The time without events after which hours are no longer examined.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromDays(14);

    private readonly AnomalyCommit _commit = new(records, setup, new AlertStore(store));
    private readonly FigureMembers _members = new(kpis, setup.Options);
    private readonly ReportedErrors _errors = new(store.Time);
    private readonly HashSet<string> _stale = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _checkedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _restartedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset Hour, long At)> _lastHours = new(StringComparer.Ordinal);

    /// <summary>The maximum wait until the figures contain all events.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Examines all figures. A figure with an error does not stop the others.</summary>
    public async Task Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await records.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var after = new ReadAfter(await kpis.GetToken(cancellationToken).ConfigureAwait(false), ReadTimeout);
        var startedAt = store.Time.GetTimestamp();
        foreach (var kpi in await kpis.List(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var rest = KpiReader.Rest(after, store.Time.GetElapsedTime(startedAt));
                await Examine(kpi, rest, now, cancellationToken).ConfigureAwait(false);
                _errors.Clear(kpi.Name);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // For example, a sum that is too large for a decimal.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_errors.IsNew(kpi.Name, exception))
                    Log.NotExamined(logger, kpi.Name, exception);
            }
        }
    }

    private async Task Examine(KpiInfo kpi, ReadAfter after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (EndOf(kpi, now) is not { } end || (_changed.Contains(kpi.Name) && !MayRestart(kpi.Name)))
            return;
        var found = await records.FindProgress(kpi.Name, cancellationToken).ConfigureAwait(false);
        var progress = found?.Value;
        if (progress is not null && progress.Through >= end && IsRecent(_checkedAt, kpi.Name))
            return;
        var start = progress?.Start ?? FirstOf(kpi, end);
        end = progress is not null && progress.Through > end ? progress.Through : end;
        if (end <= start)
            return;
        var series = await Read(kpi, start, end, after, cancellationToken).ConfigureAwait(false);
        if (!IsFresh(series))
            return; // The next pass tries again.
        kpi = series.Kpi; // An earlier hour can have arrived during the wait.
        var detectors = progress is null || !IsUnchanged(progress, series)
            ? null
            : await FigureDetectors.Load(records, kpi.Name, progress.Members, cancellationToken).ConfigureAwait(false);
        var isNew = detectors is null;
        var isRestart = isNew && progress is not null;
        if (isRestart && _changed.Add(kpi.Name) && !MayRestart(kpi.Name))
            return;
        if (isNew && FirstOf(kpi, end) is var first && first != start)
            series = await Read(kpi, first, end, after, cancellationToken).ConfigureAwait(false);
        if (!IsFresh(series))
            return;
        if (isNew)
            (progress, detectors) = await Begin(kpi, series, progress, now, cancellationToken).ConfigureAwait(false);
        var pass = new FigurePass(kpi, series, detectors!, now, after); // Loaded, or new.
        if (!await Feed(pass, progress!, found?.Version ?? 0, isNew, cancellationToken).ConfigureAwait(false))
            return;
        _checkedAt[kpi.Name] = store.Time.GetTimestamp();
        _changed.Remove(kpi.Name);
        if (isRestart)
            _restartedAt[kpi.Name] = store.Time.GetTimestamp();
    }

    /// <summary>
    /// Examines the hours after the last examined one, in parts that are stored separately. Returns false if another
    /// node has examined them, or events are missing.
    /// </summary>
    private async Task<bool> Feed(
        FigurePass pass,
        KpiDetectionRecord progress,
        long version,
        bool isNew,
        CancellationToken cancellationToken)
    {
        var points = pass.Series.Points;
        if (!isNew && _members.MustRank(pass.Kpi, progress, pass.Now))
        {
            if (await Rank(pass, progress, version, cancellationToken).ConfigureAwait(false) is not { } ranked)
                return false;
            (pass, progress, version) = ranked;
        }
        var next = (int)(progress.Through - progress.Start).TotalHours;
        while (next < points.Count || isNew)
        {
            var to = Math.Min(points.Count, next + ChunkHours);
            if (await Examine(pass, next, to, cancellationToken).ConfigureAwait(false) is not { } anomalies)
                return false;
            progress = progress with
            {
                Through = progress.Start + TimeSpan.FromHours(to),
                Hash = HashOf(points, to),
            };
            var outcome = new ExaminedHours(pass.Kpi.Name, progress, pass.Detectors, anomalies, isNew, pass.Now);
            if (await _commit.TryCommit(outcome, version, cancellationToken).ConfigureAwait(false) is not { } committed)
                return false;
            (version, next, isNew) = (committed, to, false);
        }
        await _commit.RemoveOldest(pass.Kpi.Name, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Returns the anomalies of some hours; null if events are missing.</summary>
    private async Task<IReadOnlyList<KpiAnomaly>?> Examine(
        FigurePass pass, int from, int to, CancellationToken cancellationToken)
    {
        var context = Math.Max(0, from - ContextHours);
        var points = pass.Slice(context, to);
        if (await _members.Read(pass, points, cancellationToken).ConfigureAwait(false) is not { } members)
            return null;
        var compared = members.Where(static one => one.IsCompared)
            .Select(static one => new MemberSeries(one.Series.Member!, HourSeries.Of(one.Series))).ToList();
        var explainer = new AnomalyExplainer(pass.Kpi, compared, setup.Options.TimeZone);
        var anomalies = explainer.Examine(pass.Detectors.Total, null, points, from - context, pass.Now);
        for (var number = 0; number < pass.Detectors.Members.Count; number++)
        {
            var name = pass.Detectors.Members[number];
            // A detector has a member only if the figure has a dimension, so its hours were read.
            var hours = members.First(one => one.Series.Member == name).Series.Points;
            anomalies.AddRange(
                explainer.Examine(pass.Detectors.Member(number), name, hours, from - context, pass.Now));
        }
        return anomalies;
    }

    /// <summary>
    /// Chooses the largest members again, and stores them. Only the detectors of new members examine the earlier hours.
    /// Returns null if another node has changed the progress, or events are missing.
    /// </summary>
    private async Task<(FigurePass Pass, KpiDetectionRecord Progress, long Version)?> Rank(
        FigurePass pass, KpiDetectionRecord progress, long version, CancellationToken cancellationToken)
    {
        var largest = await _members
            .FindLargest(pass.Kpi, progress.Start, pass.Series.Points[^1].End, cancellationToken)
            .ConfigureAwait(false) ?? progress.Members;
        var detectors = pass.Detectors.With(
            [.. progress.Members.Intersect(largest), .. largest.Except(progress.Members)]);
        var anomalies = new List<KpiAnomaly>();
        for (var number = 0; number < detectors.Members.Count; number++)
        {
            var member = detectors.Members[number];
            if (progress.Members.Contains(member))
                continue;
            var series = await _members
                .Read(pass, member, progress.Start, progress.Through, cancellationToken).ConfigureAwait(false);
            if (!series.IsFresh)
                return null;
            anomalies.AddRange(ExamineMember(pass, detectors.Member(number), series).TakeLast(MaxMemberAnomalies));
        }
        progress = progress with
        {
            Members = detectors.Members,
            MaxMembers = setup.Options.MaxMembers,
            RankedAt = pass.Now,
            NotifyFrom = Later(progress.NotifyFrom, progress.Through), // The earlier hours are not reported.
        };
        var outcome = new ExaminedHours(pass.Kpi.Name, progress, detectors, anomalies, IsNew: false, pass.Now);
        return await _commit.TryCommit(outcome, version, cancellationToken).ConfigureAwait(false) is { } committed
            ? (pass with { Detectors = detectors }, progress, committed)
            : null;
    }

    /// <summary>Examines all hours of a new member.</summary>
    private List<KpiAnomaly> ExamineMember(FigurePass pass, AnomalyDetector detector, KpiSeries series)
    {
        var explainer = new AnomalyExplainer(pass.Kpi, [], setup.Options.TimeZone);
        var anomalies = new List<KpiAnomaly>();
        for (var from = 0; from < series.Points.Count; from += ChunkHours)
        {
            var context = Math.Max(0, from - ContextHours);
            IReadOnlyList<KpiPoint> hours = [.. series.Points.Skip(context).Take(from + ChunkHours - context)];
            anomalies.AddRange(explainer.Examine(detector, series.Member, hours, from - context, pass.Now));
        }
        return anomalies;
    }

    /// <summary>Starts to examine a figure from its first hour.</summary>
    private async Task<(KpiDetectionRecord Progress, FigureDetectors Detectors)> Begin(
        KpiInfo kpi,
        KpiSeries series,
        KpiDetectionRecord? before,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var start = series.Points[0].Start;
        var members = await _members.FindLargest(kpi, start, series.Points[^1].End, cancellationToken)
            .ConfigureAwait(false) ?? [];
        var progress = new KpiDetectionRecord
        {
            Start = start,
            Through = start,
            First = series.Kpi.First ?? start,
            Hash = "",
            // Hours that were examined before are not reported again, even if it was interrupted.
            NotifyFrom = Later(
                Later(before?.NotifyFrom ?? default, before?.Through ?? default), now - AnomalyCommit.NoticeAge),
            MaxMembers = setup.Options.MaxMembers,
            RankedAt = now,
            Members = members,
        };
        return (progress, new FigureDetectors(members));
    }

    private async Task<KpiSeries> Read(
        KpiInfo kpi, DateTimeOffset from, DateTimeOffset to, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new KpiQuery { Name = kpi.Name, From = from, To = to, After = after };
        return await kpis.Read(query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns whether the hours contain all events. If they do not, this is logged once.</summary>
    private bool IsFresh(KpiSeries series)
    {
        if (series.IsFresh)
            _stale.Remove(series.Kpi.Name);
        else if (_stale.Add(series.Kpi.Name))
            Log.NotFresh(logger, series.Kpi.Name, series.Freshness);
        return series.IsFresh;
    }

    /// <summary>
    /// Returns the end of the last hour to examine; null if there are no events. A figure without events for two weeks,
    /// such as one of imported history, is examined until its last event, if no later hour arrives for a while.
    /// </summary>
    private DateTimeOffset? EndOf(KpiInfo kpi, DateTimeOffset now)
    {
        if (kpi.Last is not { } last)
            return null;
        var complete = KpiBucket.HourOf(now - setup.Options.LateEvents);
        if (complete - last <= IdleTime)
            return complete;
        if (!_lastHours.TryGetValue(kpi.Name, out var known) || known.Hour != last)
            _lastHours[kpi.Name] = known = (last, store.Time.GetTimestamp());
        return store.Time.GetElapsedTime(known.At) >= setup.Options.LateEvents ? last.AddHours(1) : null;
    }

    private static DateTimeOffset FirstOf(KpiInfo kpi, DateTimeOffset end)
    {
        var oldest = KpiBucket.HourOf(end.AddYears(-MaxLearnedYears));
        return kpi.First is { } first && first > oldest ? first : oldest;
    }

    /// <summary>Returns whether a figure with changed hours may be examined again from its start.</summary>
    private bool MayRestart(string kpi) => !IsRecent(_restartedAt, kpi);

    private bool IsRecent(Dictionary<string, long> times, string kpi) =>
        times.TryGetValue(kpi, out var at) && store.Time.GetElapsedTime(at) < CheckInterval;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

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

        [LoggerMessage(
            EventId = 26008,
            Level = LogLevel.Warning,
            Message = "The hours of the KPI {Kpi} are not examined, because its projection does not contain all events "
                + "({Freshness}). A retry or a decision about its dead letters continues it.")]
        public static partial void NotFresh(ILogger logger, string kpi, Freshness freshness);
    }
}
