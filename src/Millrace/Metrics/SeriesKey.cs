namespace Millrace.Metrics;

/// <summary>A metric of a subject.</summary>
internal readonly record struct SeriesKey(string Metric, string? Subject);
