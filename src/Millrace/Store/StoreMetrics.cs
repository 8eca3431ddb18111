using System.Diagnostics.Metrics;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The metric instruments for commits. Their names start with <c>millrace.</c> and follow the conventions of
/// OpenTelemetry.
/// </summary>
internal sealed class StoreMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _events;
    private readonly Counter<long> _conflicts;
    private readonly Histogram<int> _batch;

    public StoreMetrics(IMeterFactory? meters)
    {
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = _meter.CreateHistogram<double>(
            "millrace.append.duration",
            "s",
            "The duration of the commit of a batch.",
            advice: HistogramBoundaries.Durations);
        _events = _meter.CreateCounter<long>("millrace.append.events", "{event}", "Events appended.");
        _conflicts = _meter.CreateCounter<long>("millrace.append.conflicts", "{conflict}", "Requests refused.");
        _batch = _meter.CreateHistogram<int>(
            "millrace.append.batch",
            "{request}",
            "Requests committed together.",
            advice: HistogramBoundaries.Batches);
    }

    public void ObserveQueue(Func<int> usage, int limit)
    {
        _meter.CreateObservableUpDownCounter(
            "millrace.queue.usage", () => usage(), "{request}", "Requests waiting to be committed.");
        _meter.CreateObservableUpDownCounter(
            "millrace.queue.limit", () => limit, "{request}", "The maximum number of requests that may wait.");
    }

    public void RecordDuration(TimeSpan elapsed) => _duration.Record(elapsed.TotalSeconds);

    public void RecordBatch(int requests) => _batch.Record(requests);

    public void RecordOutcome(CommitOutcome outcome, int events)
    {
        if (outcome.Result == CommitResult.Committed)
            _events.Add(events);
        else if (outcome.Refusal is { } refusal && _conflicts.Enabled)
            _conflicts.Add(1, new KeyValuePair<string, object?>("error.type", refusal.GetType().Name));
    }
}
