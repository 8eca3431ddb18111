namespace Millrace.Metrics;

/// <summary>
/// Measures an observed instrument. The sampler observes the instruments, so a single thread records.
/// </summary>
/// <param name="metric">The metric.</param>
/// <param name="subjectTag">The tag with the subject; null for none.</param>
/// <param name="isSum">True to add the measurements of a subject, such as those of several tenants; false for the
/// highest.</param>
/// <param name="limit">The limit of the series.</param>
internal sealed class MeasuredGauge(string metric, string? subjectTag, bool isSum, SeriesLimit limit)
    : IMeasuredInstrument
{
    private readonly HashSet<string> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
    private double? _value;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (subjectTag is null)
        {
            _value = Combine(_value ?? 0, value);
            return;
        }
        foreach (ref readonly var tag in tags)
        {
            if (tag.Key == subjectTag && tag.Value is string subject && IsAccepted(subject))
                _values[subject] = Combine(_values.GetValueOrDefault(subject), value);
        }
    }

    public void Collect(TimeSpan elapsed, SampleValues values)
    {
        if (_value is { } whole)
            values.Add(metric, null, whole);
        foreach (var (subject, value) in _values)
            values.Add(metric, subject, value);
        _value = null;
        _values.Clear();
    }

    private double Combine(double first, double second) => isSum ? first + second : Math.Max(first, second);

    private bool IsAccepted(string subject)
    {
        if (_subjects.Contains(subject))
            return true;
        return limit.TryAdd(1) && _subjects.Add(subject);
    }
}
