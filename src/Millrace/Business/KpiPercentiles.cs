namespace Millrace;

/// <summary>Percentiles of durations in seconds. Each is at most 3.2 % from the exact value.</summary>
/// <param name="P50">The median.</param>
/// <param name="P95">The duration that 95 % do not exceed.</param>
/// <param name="P99">The duration that 99 % do not exceed.</param>
public sealed record KpiPercentiles(decimal P50, decimal P95, decimal P99);
