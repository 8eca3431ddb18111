using Millrace.Business.Detection;

namespace Millrace.Business;

/// <summary>A figure whose hours are examined.</summary>
internal sealed record FigurePass(
    KpiInfo Kpi, KpiSeries Series, FigureDetectors Detectors, DateTimeOffset Now, ReadAfter After)
{
    public IReadOnlyList<KpiPoint> Slice(int from, int to) => [.. Series.Points.Skip(from).Take(to - from)];
}

/// <summary>Hours that were examined, to store.</summary>
/// <param name="Kpi">The figure.</param>
/// <param name="Progress">How far it was examined.</param>
/// <param name="Detectors">The detectors after the hours.</param>
/// <param name="Anomalies">The anomalies in the hours.</param>
/// <param name="IsNew">Whether these are the first hours, so that earlier anomalies of the figure are replaced.</param>
/// <param name="Now">The current time.</param>
internal sealed record ExaminedHours(
    string Kpi,
    KpiDetectionRecord Progress,
    FigureDetectors Detectors,
    IReadOnlyList<KpiAnomaly> Anomalies,
    bool IsNew,
    DateTimeOffset Now);
