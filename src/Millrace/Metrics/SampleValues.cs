namespace Millrace.Metrics;

/// <summary>The values of an interval.</summary>
internal sealed class SampleValues
{
    private readonly Dictionary<SeriesKey, double> _values = [];

    public IReadOnlyDictionary<SeriesKey, double> All => _values;

    /// <summary>Adds a value, unless it is not a finite number.</summary>
    public void Add(string metric, string? subject, double value)
    {
        if (double.IsFinite(value))
            _values[new SeriesKey(metric, subject)] = value;
    }
}
