using System.Diagnostics.Metrics;
using Millrace.Consuming;

namespace Millrace.Metrics;

/// <summary>
/// Measures this node: listens to the instruments of the application, and takes a sample of each series on request.
/// </summary>
internal sealed class NodeSampler : IDisposable
{
    private const int NodeSeries = 15; // Of the metrics without subjects.

    private readonly TimeProvider _time;
    private readonly ProcessProbe _process;
    private readonly MeasuredOutcomes _outcomes = new();
    private readonly SeriesLimit _limit;
    private readonly Dictionary<string, IMeasuredInstrument> _instruments;
    private readonly MeterListener _listener = new();
    private long _sampledAt;

    /// <param name="meters">The factory of the application's meters; null to measure all meters without a
    /// factory.</param>
    /// <param name="process">Measures the process.</param>
    /// <param name="maxSeries">The maximum number of series.</param>
    /// <param name="time">The clock.</param>
    public NodeSampler(IMeterFactory? meters, ProcessProbe process, int maxSeries, TimeProvider time)
    {
        (_time, _process) = (time, process);
        _limit = new SeriesLimit(maxSeries - NodeSeries);
        _instruments = CreateInstruments();
        _sampledAt = time.GetTimestamp();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MillraceTelemetry.MeterName
                && ReferenceEquals(instrument.Meter.Scope, meters)
                && _instruments.TryGetValue(instrument.Name, out var measured))
                listener.EnableMeasurementEvents(instrument, measured);
        };
        _listener.SetMeasurementEventCallback<double>(
            static (_, value, tags, state) => ((IMeasuredInstrument)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(
            static (_, value, tags, state) => ((IMeasuredInstrument)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(
            static (_, value, tags, state) => ((IMeasuredInstrument)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Gets whether series were ignored because there are too many.</summary>
    public bool IsLimitReached => _limit.IsReached;

    /// <summary>Takes a sample of each series; of rates and latencies since the last call.</summary>
    public IReadOnlyDictionary<SeriesKey, double> Sample()
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_sampledAt, now);
        var values = new SampleValues();
        if (elapsed <= TimeSpan.Zero)
            return values.All;
        _sampledAt = now;
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // An instrument that cannot be observed, such as during a shutdown, has no sample.
        }
        foreach (var instrument in _instruments.Values)
            instrument.Collect(elapsed, values);
        _outcomes.Collect(values);
        _process.Collect(elapsed, values);
        return values.All;
    }

    public void Dispose() => _listener.Dispose();

    private Dictionary<string, IMeasuredInstrument> CreateInstruments()
    {
        const string consumer = ConsumerMetrics.ConsumerTag;
        return new(StringComparer.Ordinal)
        {
            ["millrace.append.events"] = new MeasuredCounter(MonitorMetrics.EventRate),
            ["millrace.append.duration"] =
                new MeasuredDuration(null, MonitorMetrics.AppendLatency, null, null, _limit),
            ["millrace.command.duration"] = new MeasuredDuration(
                MonitorMetrics.CommandRate, MonitorMetrics.CommandLatency, "millrace.command", _outcomes, _limit),
            ["millrace.query.duration"] = new MeasuredDuration(
                MonitorMetrics.QueryRate, MonitorMetrics.QueryLatency, "millrace.query", _outcomes, _limit),
            ["millrace.consumer.events"] = new MeasuredAttempts(_outcomes, areFailures: false),
            ["millrace.consumer.failures"] = new MeasuredAttempts(_outcomes, areFailures: true),
            ["millrace.queue.usage"] = new MeasuredGauge(MonitorMetrics.QueueDepth, null, isSum: true, _limit),
            ["millrace.consumer.lag"] = new MeasuredGauge(MonitorMetrics.ConsumerLag, consumer, isSum: true, _limit),
            ["millrace.consumer.lag.time"] =
                new MeasuredGauge(MonitorMetrics.ConsumerLagTime, consumer, isSum: false, _limit),
            ["millrace.consumer.letters"] =
                new MeasuredGauge(MonitorMetrics.DeadLetters, consumer, isSum: true, _limit),
            ["millrace.messaging.waiting"] = new MeasuredGauge(
                MonitorMetrics.BrokerDepth, "messaging.consumer.group.name", isSum: true, _limit),
        };
    }
}
