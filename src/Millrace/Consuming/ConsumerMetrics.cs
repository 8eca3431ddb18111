using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Millrace.Consuming;

/// <summary>
/// The metrics and spans of consumers. Their names start with <c>millrace.</c> and follow OpenTelemetry's
/// naming rules.
/// </summary>
internal sealed class ConsumerMetrics : IDisposable
{
    private const string ConsumerTag = "millrace.consumer.name";
    private const int MaxLinks = 32;

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _events;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _expired;

    public ConsumerMetrics(IMeterFactory? meters)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = _meter.CreateHistogram<double>(
            "millrace.consumer.duration",
            "s",
            "The duration of a consumer's batch, including its commit.");
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

    public void Finished(string consumer, int events, TimeSpan elapsed)
    {
        var tag = TagOf(consumer);
        _duration.Record(elapsed.TotalSeconds, tag);
        _events.Add(events, tag);
    }

    public void Expired(string consumer, int documents) => _expired.Add(documents, TagOf(consumer));

    public void Failed(string consumer, Exception exception) =>
        Failed(consumer, exception.GetType().FullName ?? exception.GetType().Name);

    public void Failed(string consumer, string errorType) =>
        _failures.Add(
            1,
            TagOf(consumer),
            new KeyValuePair<string, object?>("error.type", errorType[(errorType.LastIndexOf('.') + 1)..]));

    public void RecordOutcome(string consumer, string outcome) =>
        _outcomes.Add(1, TagOf(consumer), new KeyValuePair<string, object?>("millrace.outcome", outcome));

    /// <summary>Starts the span of a batch, linked to the appends that caused it; null when nothing listens.</summary>
    public static Activity? StartSpan(string consumer, IReadOnlyList<RecordedEvent> events)
    {
        if (!MillraceTelemetry.Source.HasListeners())
            return null;
        var links = new List<ActivityLink>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < events.Count && links.Count < MaxLinks; i++)
        {
            if (events[i].MetadataBytes.Length > 0 && events[i].Metadata.TraceParent is { } trace && seen.Add(trace)
                && ActivityContext.TryParse(trace, null, isRemote: true, out var context))
                links.Add(new ActivityLink(context));
        }
        var activity = MillraceTelemetry.Source.StartActivity(
            ActivityKind.Consumer, links: links, name: $"process {consumer}");
        activity?.SetTag(ConsumerTag, consumer);
        activity?.SetTag("messaging.batch.message_count", events.Count);
        return activity;
    }

    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    private static KeyValuePair<string, object?> TagOf(string consumer) => new(ConsumerTag, consumer);
}
