using System.Diagnostics.Metrics;
using Millrace.Backups;

namespace Millrace;

/// <summary>The continuous backups that this node runs (<c>UseBackup</c>).</summary>
public sealed class ContinuousBackup : IDisposable
{
    private const string StoreTag = "millrace.store.id";

    private readonly Lock _lock = new();
    private readonly List<BackupMonitor> _monitors = [];
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;

    internal ContinuousBackup(IMeterFactory? meters)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _meter.CreateObservableGauge(
            "millrace.backup.position",
            () => Measure(static status => status.Position),
            "{event}",
            "The last position that the place of the backups contains.");
        _meter.CreateObservableGauge(
            "millrace.backup.lag", () => Measure(static status => status.WaitingEvents), "{event}",
            "Events that are not backed up.");
        _meter.CreateObservableGauge(
            "millrace.backup.lag.time", MeasureTime, "s", "The time since all events were backed up; 0 if none waits.");
        _bytes = _meter.CreateCounter<long>(
            "millrace.backup.bytes", "By", "Bytes written to the place of the backups.");
        _failures = _meter.CreateCounter<long>(
            "millrace.backup.failures", "{failure}", "Failed attempts of the backup.");
    }

    /// <summary>
    /// Returns the state of each backup that this node runs. Only one node runs the backup of a store at a time.
    /// </summary>
    public IReadOnlyList<BackupStatus> List()
    {
        lock (_lock)
            return [.. _monitors.Select(static monitor => monitor.TakeStatus())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    /// <summary>Adds a backup that starts. Returns false if it has started already.</summary>
    internal bool Add(BackupMonitor monitor)
    {
        lock (_lock)
        {
            if (_monitors.Contains(monitor))
                return false;
            _monitors.Add(monitor);
            return true;
        }
    }

    internal void Remove(BackupMonitor monitor)
    {
        lock (_lock)
            _monitors.Remove(monitor);
    }

    internal void CountBytes(Guid store, long bytes) => _bytes.Add(bytes, TagOf(store));

    internal void CountFailure(Guid store, Exception exception) =>
        _failures.Add(1, TagOf(store), new KeyValuePair<string, object?>("error.type", exception.GetType().Name));

    private IEnumerable<Measurement<long>> Measure(Func<BackupStatus, long> value) =>
        List().Select(status => new Measurement<long>(value(status), TagOf(status.Store)));

    private IEnumerable<Measurement<double>> MeasureTime()
    {
        lock (_lock)
        {
            return
            [
                .. from monitor in _monitors
                   let status = monitor.TakeStatus()
                   select new Measurement<double>(monitor.LagOf(status).TotalSeconds, TagOf(status.Store)),
            ];
        }
    }

    private static KeyValuePair<string, object?> TagOf(Guid store) => new(StoreTag, store.ToString("N"));
}
