using System.Globalization;
using Millrace.Cli.Charts;

namespace Millrace.Cli.Output;

/// <summary>Writes business figures as tables with charts.</summary>
internal static class KpiOutput
{
    private const int ChartWidth = 40;
    private const int ChartSteps = 1_000;

    /// <summary>Writes a row for each period.</summary>
    public static void WritePoints(ToolInvocation call, KpiSeries series)
    {
        call.Line($"{TitleOf(series)}: {Text(series.Kpi, series.Total.Value)}  {Chart(series.Points)}");
        var hasWeeks = series.Points.Any(static point => point.Comparison is not null);
        string[] columns = ["from", "#value", "#events"];
        if (series.Kpi.Kind == KpiKind.Duration)
            columns = [.. columns, "#p50", "#p95", "#p99"];
        if (hasWeeks)
            columns = [.. columns, "#median", "#lowest", "#highest", "#difference"];
        var table = new TextTable(columns);
        foreach (var point in series.Points)
            table.Add([.. Cells(series.Kpi, point, hasWeeks)]);
        table.Write(call);
    }

    /// <summary>Writes a row for each member.</summary>
    public static void WriteMembers(ToolInvocation call, IReadOnlyList<KpiSeries> all)
    {
        var table = new TextTable("member", "#value", "#events", "chart");
        foreach (var series in all)
        {
            table.Add(
                series.Member ?? "",
                Text(series.Kpi, series.Total.Value),
                TextTable.Number(series.Total.Count),
                Chart(series.Points));
        }
        table.Write(call, "There are no values in this time.");
    }

    private static IEnumerable<string> Cells(KpiInfo kpi, KpiPoint point, bool hasWeeks)
    {
        yield return point.Start.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            + (point.IsComplete ? "" : " …");
        yield return Text(kpi, point.Value);
        yield return TextTable.Number(point.Count);
        if (kpi.Kind == KpiKind.Duration)
        {
            yield return Text(kpi, point.Percentiles?.P50);
            yield return Text(kpi, point.Percentiles?.P95);
            yield return Text(kpi, point.Percentiles?.P99);
        }
        if (!hasWeeks)
            yield break;
        yield return Text(kpi, point.Comparison?.Median);
        yield return Text(kpi, point.Comparison?.Min);
        yield return Text(kpi, point.Comparison?.Max);
        yield return point.Comparison?.DifferencePercent is { } difference
            ? difference.ToString("+0.#' %';-0.#' %';0' %'", CultureInfo.InvariantCulture)
            : "";
    }

    private static string TitleOf(KpiSeries series) =>
        series.Kpi.Name
        + (series.Member is null ? "" : $" of {series.Member}")
        + (series.Kpi.Unit.Length == 0 ? "" : $" ({series.Kpi.Unit})");

    private static string Text(KpiInfo kpi, decimal? value) => value is not { } known ? ""
        : kpi.Kind == KpiKind.Ratio ? (known * 100).ToString("0.###' %'", CultureInfo.InvariantCulture)
        : known.ToString("#,##0.###", CultureInfo.InvariantCulture);

    /// <summary>Returns a chart of the newest periods. Several periods share a column if there are many.</summary>
    private static string Chart(IReadOnlyList<KpiPoint> points)
    {
        var perColumn = (points.Count + ChartWidth - 1) / ChartWidth;
        var columns = points
            .Chunk(Math.Max(1, perColumn))
            .Select(static chunk => chunk.Average(static point => point.Value ?? 0))
            .ToList();
        var highest = columns.Count == 0 ? 0 : columns.Max();
        long[] heights = [.. columns.Select(value => highest <= 0 ? 0 : (long)(value / highest * ChartSteps))];
        return Sparkline.Of(heights, ChartWidth, Glyphs.FromEnvironment());
    }
}
