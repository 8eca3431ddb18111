using System.Diagnostics.Metrics;
using Millrace.Store;

namespace Millrace.Materializing;

/// <summary>Counts the refreshes and reads of views, and reports the age of their rows.</summary>
internal sealed class ViewMetrics : IDisposable
{
    private const string ViewTag = "millrace.view.name";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _reads;

    public ViewMetrics(IMeterFactory? meters)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = _meter.CreateHistogram<double>(
            "millrace.view.refresh.duration",
            "s",
            "The duration of a refresh of a materialized view.",
            advice: HistogramBoundaries.Ages);
        _failures = _meter.CreateCounter<long>(
            "millrace.view.failures", "{failure}", "Failed refreshes of a materialized view.");
        _reads = _meter.CreateCounter<long>("millrace.view.reads", "{read}", "Reads of a materialized view.");
    }

    /// <summary>Registers the gauge of the age of the rows.</summary>
    public void ObserveAges(Func<IEnumerable<(string View, TimeSpan Age)>> ages) =>
        _meter.CreateObservableGauge(
            "millrace.view.age",
            () => ages().Select(one => new Measurement<double>(one.Age.TotalSeconds, TagOf(one.View))),
            "s",
            "The time since the refresh of a materialized view's rows started.");

    public void RecordRefresh(string view, TimeSpan duration) => _duration.Record(duration.TotalSeconds, TagOf(view));

    public void RecordFailure(string view, TimeSpan duration)
    {
        _failures.Add(1, TagOf(view));
        _duration.Record(
            duration.TotalSeconds, TagOf(view), new KeyValuePair<string, object?>("error.type", "refresh_failed"));
    }

    public void RecordRead(string view) => _reads.Add(1, TagOf(view));

    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    private static KeyValuePair<string, object?> TagOf(string view) => new(ViewTag, view);
}
