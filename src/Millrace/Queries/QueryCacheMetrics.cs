using System.Diagnostics.Metrics;

namespace Millrace.Queries;

/// <summary>Counts answers from the levels of the query cache, misses and invalidations.</summary>
internal sealed class QueryCacheMetrics
{
    private readonly Counter<long> _answers;
    private readonly Counter<long> _invalidations;

    public QueryCacheMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _answers = meter.CreateCounter<long>(
            "millrace.cache.answers", "{answer}", "Answers to cached queries, by where they came from.");
        _invalidations = meter.CreateCounter<long>(
            "millrace.cache.invalidations", "{event}", "Events that invalidated cached answers.");
    }

    public void RecordAnswer(string query, string result)
    {
        if (_answers.Enabled)
            _answers.Add(
                1,
                new KeyValuePair<string, object?>("millrace.query", query),
                new KeyValuePair<string, object?>("millrace.cache.result", result));
    }

    public void RecordInvalidation() => _invalidations.Add(1);
}
