namespace Millrace.Metrics;

/// <summary>The points of a series, as they are stored. Lists of values that are all equal are omitted.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Slots">The index of each point: the minute of the hour, or the hour of the day.</param>
/// <param name="Samples">The number of samples of each point.</param>
/// <param name="Average">The averages.</param>
/// <param name="Min">The lowest samples; null if they are the averages.</param>
/// <param name="Max">The highest samples; null if they are the averages.</param>
internal sealed record StoredSeries(
    string Metric,
    string? Subject,
    IReadOnlyList<int> Slots,
    IReadOnlyList<long> Samples,
    IReadOnlyList<double> Average,
    IReadOnlyList<double>? Min,
    IReadOnlyList<double>? Max)
{
    public SampleSummary SummaryAt(int index) => new(
        Average[index] * Samples[index],
        Min is null ? Average[index] : Min[index],
        Max is null ? Average[index] : Max[index],
        Samples[index]);
}
