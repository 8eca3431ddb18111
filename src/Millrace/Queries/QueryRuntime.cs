using System.Diagnostics.Metrics;

namespace Millrace;

/// <summary>The state that all queries of a store share.</summary>
internal sealed class QueryRuntime
{
    private readonly Histogram<double> _duration;

    public QueryRuntime(bool hasAuthorizers, TimeProvider time, IMeterFactory? meters)
    {
        HasAuthorizers = hasAuthorizers;
        Time = time;
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = meter.CreateHistogram<double>(
            "millrace.query.duration", "s", "The time until a query is answered or fails.");
    }

    public bool HasAuthorizers { get; }

    public TimeProvider Time { get; }

    /// <summary>Gets whether queries are measured or traced.</summary>
    public bool IsObserved => _duration.Enabled || MillraceTelemetry.Source.HasListeners();

    public void Answered(string query, TimeSpan elapsed, Exception? error)
    {
        var name = new KeyValuePair<string, object?>("millrace.query", query);
        if (error is null)
            _duration.Record(elapsed.TotalSeconds, name);
        else
            _duration.Record(
                elapsed.TotalSeconds, name, new KeyValuePair<string, object?>("error.type", error.GetType().Name));
    }
}
