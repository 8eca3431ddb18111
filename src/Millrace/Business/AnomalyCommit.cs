using System.Globalization;
using Millrace.Alerting;
using Millrace.Storage;

namespace Millrace.Business;

/// <summary>
/// Stores examined hours with their anomalies and the notices about them in one commit, so that an anomaly is reported
/// once even if two nodes examine the same hour.
/// </summary>
internal sealed class AnomalyCommit(KpiMonitorStore records, KpiMonitorSetup setup, AlertStore alerts)
{
    public const string Rule = "kpi-anomaly";

    /// <summary>The age of the oldest hours whose anomalies are sent to channels.</summary>
    public static readonly TimeSpan NoticeAge = TimeSpan.FromDays(1);

    private const int MaxAttempts = 10;

    // The figures to which this node has added no anomalies since it removed the oldest ones.
    private readonly HashSet<string> _trimmed = new(StringComparer.Ordinal);

    /// <summary>Returns the new version of the progress; null if another node has changed it.</summary>
    public async ValueTask<long?> TryCommit(
        ExaminedHours examined, long version, CancellationToken cancellationToken)
    {
        var changes = new List<DocumentChange> { KpiMonitorStore.Change(examined.Kpi, examined.Progress, version) };
        changes.AddRange(examined.Detectors.Save(examined.Kpi));
        var written = examined.Anomalies.Select(KpiMonitorStore.Change).DistinctBy(static one => one.Key).ToList();
        changes.AddRange(written);
        if (written.Count > 0)
            _trimmed.Remove(examined.Kpi);
        if (examined.IsNew)
        {
            var before = await records.ReadAnomalyKeys(examined.Kpi, cancellationToken).ConfigureAwait(false);
            changes.AddRange(before.Except(written.Select(static one => one.Key), StringComparer.Ordinal)
                .Select(KpiMonitorStore.RemoveAnomaly));
        }
        var items = examined.Anomalies
            .Where(one => one.Hour >= examined.Progress.NotifyFrom && one.Hour >= examined.Now - NoticeAge)
            .Select(one => ItemOf(one, examined.Now))
            .ToList();
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var notices = await NoticesOf(items, cancellationToken).ConfigureAwait(false);
            var (committed, conflict) = await records
                .TryCommit([.. changes, .. notices], cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return committed > 0 ? committed : null; // It is unknown after a broken connection.
            if (conflict.Collection != AlertStore.Queues)
                return null;
        }
        return null; // Alerts have changed all the time. The next pass examines the hours again.
    }

    /// <summary>
    /// Removes the oldest anomalies beyond the limit, if anomalies were committed since the last removal. The first
    /// removal on a node also removes what another node has left.
    /// </summary>
    public async ValueTask RemoveOldest(string kpi, CancellationToken cancellationToken)
    {
        if (_trimmed.Contains(kpi))
            return;
        var keys = await records.ReadAnomalyKeys(kpi, cancellationToken).ConfigureAwait(false);
        if (keys.Count > KpiMonitorStore.MaxAnomalies)
            await records.TryCommit(
                keys.Skip(KpiMonitorStore.MaxAnomalies).Select(KpiMonitorStore.RemoveAnomaly), cancellationToken)
                .ConfigureAwait(false);
        _trimmed.Add(kpi);
    }

    /// <summary>Returns the changes of the queues of the channels, from which the alerts send.</summary>
    private async ValueTask<IReadOnlyList<DocumentChange>> NoticesOf(
        List<AlertNoticeItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0 || setup.Options.AlertChannels.Count == 0)
            return [];
        await alerts.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var changes = new List<DocumentChange>();
        foreach (var channel in setup.Options.AlertChannels.Distinct(StringComparer.Ordinal))
        {
            var (queue, version) = await alerts.FindQueue(channel, cancellationToken).ConfigureAwait(false);
            changes.Add(AlertStore.Change(channel, queue.Add(items), version));
        }
        return changes;
    }

    private static AlertNoticeItem ItemOf(KpiAnomaly anomaly, DateTimeOffset now)
    {
        var value = (double)anomaly.Value;
        var member = anomaly.Member is null ? "" : $"-{anomaly.Member}";
        var isAbove = anomaly.Expected is not { } expected || value >= expected.Value;
        return new AlertNoticeItem
        {
            Kind = AlertNoticeKind.Fired,
            Alert = string.Create(
                CultureInfo.InvariantCulture, $"{anomaly.Kpi}-{anomaly.Hour.UtcDateTime:yyyyMMddHH}{member}"),
            Rule = Rule,
            Description = anomaly.Command is { } command ? $"{anomaly.Text} {command}" : anomaly.Text,
            State = AlertState.Firing,
            Severity = AlertSeverity.Warning,
            Metric = anomaly.Kpi,
            Subject = anomaly.Member,
            Value = value,
            Threshold = (isAbove ? anomaly.Expected?.Upper : anomaly.Expected?.Lower) ?? 0,
            Condition = isAbove ? AlertCondition.Above : AlertCondition.Below,
            FiredAt = now,
            At = now,
        };
    }
}
