using System.Globalization;
using Millrace.Business.Findings;

namespace Millrace.Business.WeeklyReports;

/// <summary>
/// Writes a report as a page for mail programs and browsers: a column with inline styles, without scripts, images and
/// links. Mail programs that remove the style sheet show the light colours.
/// </summary>
internal static class ReportHtml
{
    private const string Style =
        """
        :root{color-scheme:light dark}
        @media (prefers-color-scheme:dark){
        .page{background:#141414!important;color:#ededed!important}
        .card{background:#1e1e1e!important;border-color:#3a3a3a!important}
        .quiet{color:#b4b4b4!important}.line{border-color:#3a3a3a!important}
        .bar{background:#6aaee0!important}.neg{background:#ef8a95!important}
        .code{background:#2a2a2a!important;color:#e2e2e2!important}}
        @media (max-width:480px){.card{padding:14px!important}.big{font-size:24px!important}}
        """;

    private const string Font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
    private const string PageStyle = "margin:0;padding:0;background:#f3f4f6;color:#1b1b1b;" + Font;
    private const string CardStyle =
        "background:#ffffff;border:1px solid #dcdfe4;border-radius:8px;padding:18px 20px;margin:0 0 14px;";

    private const string QuietStyle = "color:#595959;";
    private const string ListStyle = "margin:10px 0 0;padding:0 0 0 18px;font-size:15px;line-height:1.5;";
    private const string TableStyle = "border-collapse:collapse;width:100%;font-size:14px;line-height:1.4;";
    private const string CodeStyle =
        "display:block;background:#eef0f3;color:#1b1b1b;border-radius:4px;padding:4px 8px;margin:4px 0 0;"
        + "font-family:ui-monospace,Consolas,Menlo,monospace;font-size:12px;overflow-wrap:anywhere;";

    private const string LabelStyle = "padding:2px 8px 2px 0;white-space:nowrap;width:1%;";
    private const string NumberStyle = "padding:2px 0 2px 8px;white-space:nowrap;text-align:right;width:1%;"
        + "font-variant-numeric:tabular-nums;";

    public static string Write(KpiReport report)
    {
        var page = new HtmlText();
        page.Html("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Html("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Html("<meta name=\"color-scheme\" content=\"light dark\">")
            .Html("<meta name=\"supported-color-schemes\" content=\"light dark\"><title>")
            .Text(report.Title).Html("</title>\n<style>").Html(Style).Html("</style></head>\n")
            .Open("body", PageStyle, "page")
            .Open("div", "max-width:640px;margin:0 auto;padding:16px 12px;")
            .Open("h1", "font-size:24px;line-height:1.25;margin:4px 0 2px;").Text(report.Title).Close("h1")
            .Open("p", QuietStyle + "font-size:14px;margin:0 0 16px;", "quiet")
            .Text(ReportText.Subtitle(report)).Html(".").Close("p");
        foreach (var figure in report.Figures)
            WriteFigure(page, report, figure);
        WriteAnomalies(page, report);
        return page.Close("div").Html("</body></html>\n").ToString();
    }

    private static void WriteFigure(HtmlText page, KpiReport report, KpiReportFigure figure)
    {
        var kpi = figure.Kpi;
        page.Open("section", CardStyle, "card")
            .Open("h2", "font-size:16px;margin:0;").Text(KpiText.Sentence(KpiText.Name(kpi))).Close("h2");
        if (kpi.Description.Length > 0)
            page.Open("p", QuietStyle + "font-size:13px;margin:2px 0 0;", "quiet").Text(kpi.Description).Close("p");
        page.Open("p", "font-size:28px;line-height:1.2;font-weight:600;margin:8px 0 0;", "big")
            .Text(ReportText.ValueOf(figure, "No events")).Close("p");
        if (figure.Note is { } note)
            page.Open("p", "font-size:14px;font-weight:600;margin:2px 0 0;overflow-wrap:anywhere;")
                .Text(note).Close("p");
        if (ReportText.ChangeOf(report, figure.Value, figure.Before) is { } change)
            page.Open("p", QuietStyle + "font-size:14px;margin:2px 0 0;", "quiet").Text(change).Close("p");
        WriteBars(page, figure);
        if (figure.Insights.Count > 0)
        {
            page.Open("ul", ListStyle);
            foreach (var insight in figure.Insights)
                page.Open("li", "margin:0 0 6px;overflow-wrap:anywhere;").Text(insight.Text).Close("li");
            page.Close("ul");
        }
        WriteMembers(page, report, figure);
        page.Close("section");
    }

    private static void WriteBars(HtmlText page, KpiReportFigure figure)
    {
        var max = figure.Bars.Select(static bar => Math.Abs(bar.Value ?? 0)).DefaultIfEmpty().Max();
        page.Open("table", TableStyle + "margin:12px 0 0;");
        foreach (var bar in figure.Bars)
        {
            var share = max == 0 ? 0 : Math.Round(100 * Math.Abs(bar.Value ?? 0) / max, 1);
            var colour = bar.Value < 0 ? "#c23b4b" : "#2f6fa3";
            page.Html("<tr>").Open("td", LabelStyle).Text(bar.Label).Close("td").Open("td", "padding:2px 0;")
                .Open(
                    "div",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"background:{colour};height:12px;border-radius:2px;width:{share}%;"),
                    bar.Value < 0 ? "neg" : "bar")
                .Html("</div>").Close("td")
                .Open("td", NumberStyle).Text(bar.Value is { } value ? KpiText.Value(value, figure.Kpi) : "–")
                .Close("td").Html("</tr>\n");
        }
        page.Close("table");
    }

    private static void WriteMembers(HtmlText page, KpiReport report, KpiReportFigure figure)
    {
        if (figure.Members.Count == 0)
            return;
        const string line = "border-top:1px solid #dcdfe4;";
        page.Open("table", TableStyle + "margin:10px 0 0;");
        foreach (var member in figure.Members)
        {
            page.Html("<tr>")
                .Open("td", line + "padding:4px 8px 4px 0;overflow-wrap:anywhere;", "line").Text(member.Member)
                .Close("td").Open("td", line + NumberStyle, "line").Text(KpiText.Value(member.Value, figure.Kpi));
            if (member.Before is { } before && before != 0)
                page.Html("<br>").Open("span", QuietStyle + "font-size:12px;", "quiet")
                    .Text(KpiText.Change(member.Value, before))
                    .Text(report.Week is null ? " before" : " the week before").Html("</span>");
            page.Close("td").Html("</tr>\n");
        }
        page.Close("table");
    }

    private static void WriteAnomalies(HtmlText page, KpiReport report)
    {
        page.Open("section", CardStyle, "card").Open("h2", "font-size:16px;margin:0;").Text("Anomalies").Close("h2");
        if (report.Anomalies.Count == 0)
            page.Open("p", QuietStyle + "font-size:14px;margin:6px 0 0;", "quiet")
                .Text("None was found in this period.").Close("p");
        else
            page.Open("ul", ListStyle);
        foreach (var anomaly in report.Anomalies)
        {
            page.Open("li", "margin:0 0 10px;overflow-wrap:anywhere;").Text(anomaly.Text);
            if (anomaly.Command is { } command)
                page.Open("code", CodeStyle, "code").Text(command).Html("</code>");
            page.Close("li");
        }
        if (report.Anomalies.Count > 0)
            page.Close("ul");
        if (report.AnomalyCount > report.Anomalies.Count)
            page.Open("p", QuietStyle + "font-size:14px;margin:6px 0 0;", "quiet")
                .Text(ReportText.MoreAnomalies(report)).Close("p");
        page.Close("section");
    }
}
