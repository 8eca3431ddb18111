namespace Millrace.Metrics;

/// <summary>Counts the successes, or the failures, of consumers.</summary>
internal sealed class MeasuredAttempts(MeasuredOutcomes outcomes, bool areFailures) : IMeasuredInstrument
{
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        outcomes.Add((long)value, areFailures ? (long)value : 0);

    public void Collect(TimeSpan elapsed, SampleValues values)
    {
        // The outcomes are collected together.
    }
}
