using System.ComponentModel;

namespace Millrace.AspNetCore.Metrics;

/// <summary>The history of a metric of one subject on one node, for operators.</summary>
[Description("The history of a metric of one subject on one node.")]
internal sealed record MetricSeriesView(
    [property: Description("What was measured, such as a consumer; absent for the node.")] string? Subject,
    [property: Description("The node.")] string? Node,
    [property: Description("The points, oldest first. Periods without samples have no point.")]
        IReadOnlyList<MetricPointView> Points)
{
    public static MetricSeriesView Of(MetricSeries series) =>
        new(series.Subject, series.Node, [.. series.Points.Select(MetricPointView.Of)]);
}

/// <summary>The values of a period, for operators.</summary>
[Description("The values of a period.")]
internal sealed record MetricPointView(
    [property: Description("The start of the period.")] DateTimeOffset Start,
    [property: Description("The length of the period in seconds.")] double Seconds,
    [property: Description("The average of the samples.")] double Average,
    [property: Description("The lowest sample.")] double Min,
    [property: Description("The highest sample.")] double Max,
    [property: Description("The number of samples.")] long Samples)
{
    public static MetricPointView Of(MetricPoint point) =>
        new(point.Start, point.Length.TotalSeconds, point.Average, point.Min, point.Max, point.Samples);
}
