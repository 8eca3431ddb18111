using System.Diagnostics;
using System.Diagnostics.Metrics;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>
/// The metrics of consumers. Their names start with <c>millrace.</c> and follow OpenTelemetry's
/// naming rules.
/// </summary>
internal sealed class ConsumerMetrics : IDisposable
{
    public const string ConsumerTag = "millrace.consumer.name";
    public const string TypeTag = "millrace.event.type";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _handlers;
    private readonly Counter<long> _events;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _decisions;

    public ConsumerMetrics(IMeterFactory? meters)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = _meter.CreateHistogram<double>(
            "millrace.consumer.duration",
            "s",
            "The duration of a consumer's batch, including its commit.",
            advice: HistogramBoundaries.Durations);
        _handlers = _meter.CreateHistogram<double>(
            "millrace.handler.duration",
            "s",
            "The duration of the handler of an event, or of a batch, until it returns or fails.",
            advice: HistogramBoundaries.Durations);
        _events = _meter.CreateCounter<long>(
            "millrace.consumer.events", "{event}", "Events that a consumer has finished.");
        _outcomes = _meter.CreateCounter<long>(
            "millrace.consumer.outcomes",
            "{outcome}",
            "Outcomes of failures: retry-succeeded, retry-failed, circuit-open, recovered, escalated.");
        _failures = _meter.CreateCounter<long>(
            "millrace.consumer.failures", "{failure}", "Failed attempts of a consumer.");
        _expired = _meter.CreateCounter<long>(
            "millrace.consumer.documents.expired", "{document}", "Expired documents that a projection has removed.");
        _decisions = _meter.CreateCounter<long>(
            "millrace.consumer.load.decisions",
            "{decision}",
            "Changes of the batch size or the workers of a consumer that adapts them.");
    }

    /// <summary>Registers the gauges of the consumers' lag.</summary>
    public void ObserveLag(Func<IEnumerable<(string Consumer, long Events, TimeSpan Time)>> lags)
    {
        _meter.CreateObservableGauge(
            "millrace.consumer.lag",
            () => lags().Select(lag => new Measurement<long>(lag.Events, TagOf(lag.Consumer))),
            "{event}",
            "Events after a consumer's checkpoint.");
        _meter.CreateObservableGauge(
            "millrace.consumer.lag.time",
            () => lags().Select(lag => new Measurement<double>(lag.Time.TotalSeconds, TagOf(lag.Consumer))),
            "s",
            "The age of the first event after a consumer's checkpoint.");
    }

    /// <summary>Registers the gauge of the time that consumers have been stalled.</summary>
    public void ObserveStalls(Func<IEnumerable<(string Consumer, TimeSpan Time)>> stalls) =>
        _meter.CreateObservableGauge(
            "millrace.consumer.stalled.time",
            () => stalls().Select(stall => new Measurement<double>(stall.Time.TotalSeconds, TagOf(stall.Consumer))),
            "s",
            "The time that a consumer of this node has been stalled; 0 while it is not.");

    /// <summary>Registers the gauge of the consumers' open dead letters, by state.</summary>
    public void ObserveDeadLetters(Func<IEnumerable<(string Consumer, string State, int DeadLetters)>> letters) =>
        _meter.CreateObservableGauge(
            "millrace.consumer.letters",
            () =>
                letters()
                    .Select(count => new Measurement<int>(
                        count.DeadLetters,
                        TagOf(count.Consumer),
                        new KeyValuePair<string, object?>("millrace.letter.state", count.State))),
            "{letter}",
            "Open dead letters of a consumer: retry-at, parked, waiting, released.");

    /// <summary>Registers the gauges of consumers that adapt the size of batches and the number of workers.</summary>
    public void ObserveLoad(Func<IEnumerable<(string Consumer, int BatchEvents, int Workers)>> loads)
    {
        _meter.CreateObservableGauge(
            "millrace.consumer.load.batch",
            () => loads().Select(load => new Measurement<int>(load.BatchEvents, TagOf(load.Consumer))),
            "{event}",
            "The maximum size of a batch of a consumer that adapts it.");
        _meter.CreateObservableGauge(
            "millrace.consumer.load.workers",
            () => loads().Select(load => new Measurement<int>(load.Workers, TagOf(load.Consumer))),
            "{worker}",
            "The number of workers of a consumer that adapts it.");
    }

    public void Decided(string consumer, LoadReason reason) =>
        _decisions.Add(1, TagOf(consumer), new KeyValuePair<string, object?>("millrace.load.reason", ReasonOf(reason)));

    public void Finished(string consumer, int events, TimeSpan elapsed)
    {
        var tag = TagOf(consumer);
        _duration.Record(elapsed.TotalSeconds, tag);
        _events.Add(events, tag);
    }

    /// <summary>Gets whether the durations of handlers are collected.</summary>
    public bool MeasuresHandlers => _handlers.Enabled;

    /// <summary>Records a call of a handler.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="type">The type of the event; null for a batch.</param>
    /// <param name="elapsed">The duration.</param>
    /// <param name="error">The error; null if the handler returned.</param>
    public void Handled(string consumer, string? type, TimeSpan elapsed, Exception? error)
    {
        var tags = new TagList { TagOf(consumer) };
        if (type is not null)
            tags.Add(TypeTag, type);
        if (error is not null)
            tags.Add(SpanErrors.Tag, error.GetType().Name);
        _handlers.Record(elapsed.TotalSeconds, tags);
    }

    public void Expired(string consumer, int documents) => _expired.Add(documents, TagOf(consumer));

    public void Failed(string consumer, Exception exception) =>
        Failed(consumer, exception.GetType().FullName ?? exception.GetType().Name);

    public void Failed(string consumer, string errorType) =>
        _failures.Add(
            1,
            TagOf(consumer),
            new KeyValuePair<string, object?>(SpanErrors.Tag, errorType[(errorType.LastIndexOf('.') + 1)..]));

    public void RecordOutcome(string consumer, string outcome) =>
        _outcomes.Add(1, TagOf(consumer), new KeyValuePair<string, object?>("millrace.outcome", outcome));

    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    public static string ReasonOf(LoadReason reason) => reason switch
    {
        LoadReason.LatencyOverTarget => "latency-over-target",
        LoadReason.EventsWait => "events-wait",
        LoadReason.Trial => "trial",
        _ => "resources-scarce",
    };

    private static KeyValuePair<string, object?> TagOf(string consumer) => new(ConsumerTag, consumer);
}
