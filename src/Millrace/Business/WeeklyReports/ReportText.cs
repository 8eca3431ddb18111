using System.Text;
using Millrace.Business.Findings;

namespace Millrace.Business.WeeklyReports;

/// <summary>Writes a report as plain text, for mail programs without HTML and for terminals.</summary>
internal static class ReportText
{
    private const int BarCharacters = 24;

    public static string Write(KpiReport report)
    {
        var text = new StringBuilder();
        text.Append(report.Title).Append('\n').Append(Subtitle(report)).Append('\n');
        foreach (var figure in report.Figures)
            WriteFigure(text, figure);
        text.Append("\nANOMALIES\n");
        if (report.Anomalies.Count == 0)
            text.Append("None was found in this period.\n");
        foreach (var anomaly in report.Anomalies)
        {
            text.Append("- ").Append(anomaly.Text).Append('\n');
            if (anomaly.Command is { } command)
                text.Append("  ").Append(command).Append('\n');
        }
        if (report.AnomalyCount > report.Anomalies.Count)
            text.Append(MoreAnomalies(report)).Append('\n');
        return text.Replace('\u00A0', ' ').ToString();
    }

    /// <summary>Returns the days of the report, and whether it is complete.</summary>
    public static string Subtitle(KpiReport report)
    {
        var days = KpiText.Days(report.FirstDay, report.LastDay);
        var text = $"{days}, time zone {report.TimeZone}";
        if (!report.IsComplete)
            text += $". The period has not ended: values until {report.Until:u}";
        return report.Figures.Any(static figure => figure.Note is not null)
            ? $"{text}. {ReportNotes.Incomplete}"
            : text;
    }

    /// <summary>Returns the value; another text if there is none.</summary>
    public static string ValueOf(KpiReportFigure figure, string noEvents) =>
        figure.Value is { } value ? KpiText.Value(value, figure.Kpi) : figure.Note is null ? noEvents : "unknown";

    /// <summary>Returns the change against the time before; null if it is not known.</summary>
    public static string? ChangeOf(KpiReport report, decimal? value, decimal? before) =>
        value is { } current && before is { } earlier && earlier != 0
            ? $"{KpiText.Change(current, earlier)} {(report.Week is null ? "before" : "the week before")}"
            : null;

    public static string MoreAnomalies(KpiReport report) =>
        $"{report.AnomalyCount - report.Anomalies.Count} more are not listed: millrace kpi anomalies";

    private static void WriteFigure(StringBuilder text, KpiReportFigure figure)
    {
        var kpi = figure.Kpi;
        text.Append('\n').Append(KpiText.Name(kpi).ToUpperInvariant());
        text.Append(": ").Append(ValueOf(figure, "no events")).Append('\n');
        if (figure.Note is { } note)
            text.Append("Note: ").Append(note).Append('\n');
        var max = figure.Bars.Select(static bar => Math.Abs(bar.Value ?? 0)).DefaultIfEmpty().Max();
        var labels = figure.Bars.Select(static bar => bar.Label.Length).DefaultIfEmpty().Max();
        foreach (var bar in figure.Bars)
        {
            var length = max == 0 ? 0 : (int)Math.Round(BarCharacters * Math.Abs(bar.Value ?? 0) / max);
            text.Append("  ").Append(bar.Label.PadRight(labels)).Append("  ")
                .Append(new string('#', length).PadRight(BarCharacters)).Append("  ")
                .Append(bar.Value is { } one ? KpiText.Value(one, kpi) : "-").Append('\n');
        }
        foreach (var insight in figure.Insights)
            text.Append("- ").Append(insight.Text).Append('\n');
        foreach (var member in figure.Members)
            text.Append("  ").Append(member.Member).Append(": ").Append(KpiText.Value(member.Value, kpi)).Append('\n');
    }
}
