using System.Diagnostics.Metrics;
using Millrace.Storage.Archives;

namespace Millrace;

/// <summary>Observes the archive on this node, for its status, its health and its metrics. Thread-safe.</summary>
public sealed class ArchiveMonitor : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _segments;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private readonly Lock _runs = new();
    private ArchiveScheduledRun? _lastRun;

    internal ArchiveMonitor(TimeProvider time, IMeterFactory? meters)
    {
        _time = time;
        _ownsMeter = meters is null;
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _events = _meter.CreateCounter<long>("millrace.archive.events", "{event}", "Events archived.");
        _segments = _meter.CreateCounter<long>("millrace.archive.segments", "{segment}", "Segments written.");
        _bytes = _meter.CreateCounter<long>("millrace.archive.bytes", "By", "Bytes of segments written.");
        _failures = _meter.CreateCounter<long>("millrace.archive.run.failures", "{failure}", "Failed archive runs.");
        _meter.CreateObservableGauge(
            "millrace.archive.run.age", MeasureAge, "s", "The time since the last successful scheduled archive run.");
        _meter.CreateObservableCounter(
            "millrace.archive.reads", () => Reads.Segments, "{segment}", "Segments read from the archive.");
        _meter.CreateObservableCounter(
            "millrace.archive.cache.hits",
            () => Reads.CacheHits,
            "{event}",
            "Reads of archived events whose segment was in memory.");
        _meter.CreateObservableCounter(
            "millrace.archive.read.failures", () => Reads.Failures, "{failure}", "Segments that could not be read.");
    }

    /// <summary>Gets the status.</summary>
    public ArchiveStatus Status => new()
    {
        SegmentReads = Reads.Segments,
        CacheHits = Reads.CacheHits,
        ReadFailures = Reads.Failures,
        ReadError = Reads.Error,
        LastRun = Volatile.Read(ref _lastRun),
    };

    internal ArchiveReads Reads { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    internal void Archived(ArchiveReport report)
    {
        _events.Add(report.Events);
        _segments.Add(report.Segments);
        _bytes.Add(report.SegmentBytes);
    }

    internal void Failed(Exception exception) =>
        _failures.Add(1, new KeyValuePair<string, object?>("error.type", exception.GetType().Name));

    /// <summary>Notes the last scheduled run that the store records, unless a later one is known.</summary>
    internal void Recorded(ArchiveScheduledRun? run)
    {
        lock (_runs)
        {
            if (run is not null && (_lastRun is null || IsLater(run, _lastRun)))
                Volatile.Write(ref _lastRun, run);
        }
    }

    private static bool IsLater(ArchiveScheduledRun run, ArchiveScheduledRun other) =>
        run.StartedAt > other.StartedAt || (run.StartedAt == other.StartedAt && other.EndedAt is null);

    private IEnumerable<Measurement<double>> MeasureAge() =>
        Volatile.Read(ref _lastRun) is { LastSucceededAt: { } ended }
            ? [new Measurement<double>((_time.GetUtcNow() - ended).TotalSeconds)]
            : [];
}
