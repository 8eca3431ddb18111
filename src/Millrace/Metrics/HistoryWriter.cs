using Millrace.Storage;

namespace Millrace.Metrics;

/// <summary>Writes the samples of this node to the store. Only one call at a time.</summary>
internal sealed class HistoryWriter(
    MetricStore store, HistoryBuffer buffer, NodeNames names, NodeHolder holder, MonitorOptions options)
{
    private const int MaxHoursPerCommit = 2;

    private string? _name;
    private long _latestVersion;
    private bool _isUncertain;
    private (DateTimeOffset Hour, int Minute) _written;

    /// <summary>Gets the name of this node; null until the first write.</summary>
    public string? Name => _name;

    /// <summary>Writes the newest samples, and the minutes that have ended since the last call.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="isLast">True to write the current minute too, and to release the name of the node.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Write(DateTimeOffset now, bool isLast, CancellationToken cancellationToken)
    {
        await store.EnsureCollections(cancellationToken).ConfigureAwait(false);
        if (_isUncertain && _name is { } former)
            await Confirm(former, cancellationToken).ConfigureAwait(false);
        if (_name is null)
            (_name, _latestVersion) = await names.Find(now, cancellationToken).ConfigureAwait(false);
        // Each pass finishes hours. The number is limited in case the clock is set back and forth.
        for (var pass = 0; pass < HistoryBuffer.MaxHours; pass++)
        {
            var due = DueHours(now, isLast);
            var changes = new List<DocumentChange> { LatestChange(isLast) };
            foreach (var hour in due)
                await AddChanges(hour, _name, now, changes, cancellationToken).ConfigureAwait(false);
            if (!await TryCommit(changes, cancellationToken).ConfigureAwait(false))
                return;
            Finish(due, now);
            if (due.Count < MaxHoursPerCommit)
                return;
        }
    }

    private List<(HourBuffer Hour, int LastMinute)> DueHours(DateTimeOffset now, bool isLast) =>
    [
        .. buffer.Hours()
            .Where(one => IsOver(one.Hour, now)
                || isLast
                || _written.Hour != one.Hour.Start
                || _written.Minute < one.LastMinute)
            .Take(MaxHoursPerCommit),
    ];

    private static bool IsOver(HourBuffer hour, DateTimeOffset now) => hour.Start + HistoryPeriods.Hour <= now;

    private DocumentChange LatestChange(bool isLast)
    {
        var (at, values) = buffer.Latest();
        var record = new LatestRecord
        {
            At = at,
            Interval = options.SampleInterval,
            Holder = isLast ? null : holder,
            Values = [.. values.Select(static one => new LatestValue(one.Key.Metric, one.Key.Subject, one.Value))],
        };
        return MetricStore.WriteLatest(_name!, record, _latestVersion);
    }

    private async ValueTask AddChanges(
        (HourBuffer Hour, int LastMinute) due,
        string name,
        DateTimeOffset now,
        List<DocumentChange> changes,
        CancellationToken cancellationToken)
    {
        var hour = due.Hour;
        if (!hour.IsLoaded)
        {
            var stored = await store
                .Find(MetricStore.Minutes, MetricStore.KeyOf(name, hour.Start), cancellationToken)
                .ConfigureAwait(false);
            buffer.Load(hour, stored is null ? null : MetricStore.ReadPoints(stored));
        }
        var isOver = IsOver(hour, now);
        var minutes = buffer.ToRecord(hour, name, isOver);
        changes.Add(MetricStore.WritePoints(MetricStore.Minutes, minutes, fromVersion: null));
        if (isOver)
            await AddDay(minutes, changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the hour to its day, which may be among the changes.</summary>
    private async ValueTask AddDay(
        PointsRecord minutes, List<DocumentChange> changes, CancellationToken cancellationToken)
    {
        var key = MetricStore.KeyOf(minutes.Node, HistoryPeriods.DayOf(minutes.Start));
        var index = changes.FindIndex(change => change.Collection == MetricStore.Hours && change.Key == key);
        PointsRecord? day = null;
        long version = 0;
        if (index >= 0)
        {
            day = MetricStore.ReadPoints(changes[index].Body!.Value);
            version = changes[index].FromVersion!.Value;
            changes.RemoveAt(index);
        }
        else if (await store.Find(MetricStore.Hours, key, cancellationToken).ConfigureAwait(false) is { } stored)
            (day, version) = (MetricStore.ReadPoints(stored), stored.Version);
        var changed = SeriesEncoding.AddHour(day, minutes);
        changes.Add(MetricStore.WritePoints(MetricStore.Hours, changed, version));
    }

    /// <summary>
    /// Returns false if another process changed a document: the next write reads it again, or takes another name.
    /// </summary>
    private async ValueTask<bool> TryCommit(List<DocumentChange> changes, CancellationToken cancellationToken)
    {
        _isUncertain = true; // Until the outcome is known.
        var outcome = await store.Store
            .TryCommit(new CommitRequest { Documents = changes }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        if (outcome.FindDocumentConflict() is not null)
            return false;
        _latestVersion = outcome.DocumentVersion;
        _isUncertain = _latestVersion == 0;
        return true;
    }

    /// <summary>
    /// Finds out after a failure whether this process has the name. If another process has it, the hours in memory
    /// may contain its minutes and are dropped.
    /// </summary>
    private async ValueTask Confirm(string name, CancellationToken cancellationToken)
    {
        var document = await store.Find(MetricStore.Latest, name, cancellationToken).ConfigureAwait(false);
        if (document is not null && MetricStore.ReadLatest(document).Holder?.Instance == holder.Instance)
        {
            _latestVersion = document.Version;
        }
        else
        {
            _name = null;
            buffer.Clear();
        }
        _isUncertain = false;
    }

    private void Finish(List<(HourBuffer Hour, int LastMinute)> written, DateTimeOffset now)
    {
        foreach (var (hour, lastMinute) in written)
        {
            if (IsOver(hour, now))
                buffer.Remove(hour);
            else
                _written = (hour.Start, lastMinute);
        }
    }
}
