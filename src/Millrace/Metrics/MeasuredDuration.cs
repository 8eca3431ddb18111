using System.Collections.Concurrent;
using Millrace.Store;

namespace Millrace.Metrics;

/// <summary>Measures the rate and the latency of commits, commands or queries, of all and of each.</summary>
/// <param name="rate">The metric of the rate; null for none.</param>
/// <param name="latency">The metric of the latency.</param>
/// <param name="subjectTag">The tag with the subject; null for none.</param>
/// <param name="outcomes">Counts the failures; null for none.</param>
/// <param name="limit">The limit of the series.</param>
internal sealed class MeasuredDuration(
    string? rate, string latency, string? subjectTag, MeasuredOutcomes? outcomes, SeriesLimit limit)
    : IMeasuredInstrument
{
    private const double Percentile = 0.99;
    private const int SeriesPerSubject = 2;

    private readonly LatencyHistogram _all = new();
    private readonly ConcurrentDictionary<string, LatencyHistogram?> _subjects = new(StringComparer.Ordinal);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _all.Record(value);
        string? subject = null, error = null;
        var isRefused = false;
        foreach (ref readonly var tag in tags)
        {
            if (tag.Key == subjectTag)
                subject = tag.Value as string;
            else if (tag.Key == SpanErrors.Tag)
                error = tag.Value as string;
            else if (tag.Key == RefusalTag.Name)
                isRefused = true;
        }
        outcomes?.Add(1, error is not null && !isRefused && !IsExpected(error) ? 1 : 0);
        if (subject is not null)
            Find(subject)?.Record(value);
    }

    public void Collect(TimeSpan elapsed, SampleValues values)
    {
        Add(null, _all, elapsed, values);
        foreach (var (subject, histogram) in _subjects)
        {
            if (histogram is not null)
                Add(subject, histogram, elapsed, values);
        }
    }

    /// <summary>Returns whether an error is a cancellation, or a conflict that the caller resolves.</summary>
    private static bool IsExpected(string error) => error is nameof(OperationCanceledException)
        or nameof(TaskCanceledException) or nameof(VersionConflictException) or nameof(ConditionFailedException);

    private LatencyHistogram? Find(string subject)
    {
        if (_subjects.TryGetValue(subject, out var known))
            return known;
        if (limit.IsReached)
            return null; // Refused subjects are not remembered without limit.
        return _subjects.GetOrAdd(
            subject,
            static (_, series) => series.TryAdd(SeriesPerSubject) ? new LatencyHistogram() : null,
            limit);
    }

    private void Add(string? subject, LatencyHistogram histogram, TimeSpan elapsed, SampleValues values)
    {
        var (count, seconds) = histogram.Take(Percentile);
        if (rate is not null)
            values.Add(rate, subject, count / elapsed.TotalSeconds);
        if (count > 0)
            values.Add(latency, subject, seconds * 1_000);
    }
}
