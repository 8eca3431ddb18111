namespace Millrace.Metrics;

/// <summary>Measures the rate of a counter.</summary>
internal sealed class MeasuredCounter(string rate) : IMeasuredInstrument
{
    private long _sum;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Interlocked.Add(ref _sum, (long)value);

    public void Collect(TimeSpan elapsed, SampleValues values) =>
        values.Add(rate, null, Interlocked.Exchange(ref _sum, 0) / elapsed.TotalSeconds);
}
