namespace Millrace;

/// <summary>
/// The values of the same period in earlier weeks: the same hour of the week, the same day of the week, or the earlier
/// weeks. A month is compared with earlier months.
/// </summary>
/// <param name="Periods">The number of earlier periods with a value.</param>
/// <param name="Median">The median of their values.</param>
/// <param name="Min">The lowest of their values.</param>
/// <param name="Max">The highest of their values.</param>
/// <param name="DifferencePercent">The difference from the median in percent of the median; null if the median is 0.
/// </param>
public sealed record KpiComparison(int Periods, decimal Median, decimal Min, decimal Max, decimal? DifferencePercent);
