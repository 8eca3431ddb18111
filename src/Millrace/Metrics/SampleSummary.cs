namespace Millrace.Metrics;

/// <summary>A summary of samples. The default value contains no samples.</summary>
internal readonly record struct SampleSummary(double Sum, double Min, double Max, long Samples)
{
    public double Average => Sum / Samples;

    public static SampleSummary Of(double value) => new(value, value, value, 1);

    /// <summary>Returns the summary of the samples of both.</summary>
    public SampleSummary Add(SampleSummary other) =>
        Samples == 0 ? other
        : other.Samples == 0 ? this
        : new(Sum + other.Sum, Math.Min(Min, other.Min), Math.Max(Max, other.Max), Samples + other.Samples);

    public MetricPoint ToPoint(DateTimeOffset start, TimeSpan length) =>
        new(start, length, Math.Clamp(Average, Min, Max), Min, Max, Samples);
}
