namespace Millrace.Metrics;

/// <summary>Aggregates the measurements of an instrument in an interval.</summary>
internal interface IMeasuredInstrument
{
    /// <summary>Records a measurement. Called by the measured code, so it must be quick and take no lock.</summary>
    void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <summary>Returns the values of the interval, and starts the next one.</summary>
    void Collect(TimeSpan elapsed, SampleValues values);
}
