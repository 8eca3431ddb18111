namespace Millrace;

/// <summary>The values of a metric in a period.</summary>
/// <param name="Start">The start of the period.</param>
/// <param name="Length">The length of the period.</param>
/// <param name="Average">The average of the samples.</param>
/// <param name="Min">The lowest sample.</param>
/// <param name="Max">The highest sample.</param>
/// <param name="Samples">The number of samples.</param>
public readonly record struct MetricPoint(
    DateTimeOffset Start, TimeSpan Length, double Average, double Min, double Max, long Samples);
