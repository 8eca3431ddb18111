using System.Globalization;
using System.Net;
using System.Text;

namespace Millrace.AspNetCore.Checking;

/// <summary>Writes the result of the readiness check as a page that needs no other file.</summary>
internal static class ReadinessPage
{
    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1b1b1b;--quiet:#555;--back:#fff;--line:#c8c8c8;--bad:#a4001d;
        --good:#145c2c;--warn:#7a4b00}
        @media(prefers-color-scheme:dark){:root{--text:#eee;--quiet:#b0b0b0;--back:#161616;--line:#444;--bad:#ff9aa8;
        --good:#9be0b0;--warn:#f0c070}}
        *{box-sizing:border-box}
        body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem 1rem;color:var(--text);
        background:var(--back)}
        h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2rem 0 .3rem}
        ul{list-style:none;margin:0;padding:0}
        li{display:grid;grid-template-columns:6.5rem 1fr;gap:0 1rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
        p{margin:0;overflow-wrap:anywhere}a{color:inherit}.quiet{color:var(--quiet)}
        .answer{font-weight:600;grid-row:span 3}
        .no,.unknown{color:var(--bad)}.yes{color:var(--good)}.accepted{color:var(--warn)}.unused{color:var(--quiet)}
        li p:not(.answer){grid-column:2}
        @media(max-width:34rem){li{grid-template-columns:1fr}li p:not(.answer){grid-column:1}}
        """;

    public static string Write(ReadinessReport report)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
            .Append("<title>Readiness</title><style>").Append(Style).Append("</style></head><body><main>\n");
        var open = report.Items.Count(static item => !item.IsReady);
        page.Append("<h1>").Append(report.IsReady ? "Ready for production" : "Not ready for production")
            .Append("</h1>\n<p class=\"quiet\">")
            .Append(CultureInfo.InvariantCulture, $"{report.Items.Count} questions, {open} open. ")
            .Append(CultureInfo.InvariantCulture, $"Checked at {report.At:u}.")
            .Append("</p>\n");
        if (open > 0)
            page.Append("<p>Open: ").AppendJoin(", ", report.Items.Where(static item => !item.IsReady).Select(LinkTo))
                .Append("</p>\n");
        foreach (var group in report.Items.GroupBy(static item => item.Group))
        {
            page.Append("<h2>").Append(group.Key).Append("</h2>\n<ul>\n");
            foreach (var item in group)
                Write(page, item);
            page.Append("</ul>\n");
        }
        return page.Append("</main></body></html>\n").ToString();
    }

    private static string LinkTo(ReadinessItem item) =>
        $"<a href=\"#{WebUtility.HtmlEncode(Uri.EscapeDataString(item.Id))}\">{WebUtility.HtmlEncode(item.Id)}</a>";

    private static void Write(StringBuilder page, ReadinessItem item)
    {
        var (name, text) = item.Answer switch
        {
            ReadinessAnswer.Yes => ("yes", "Yes"),
            ReadinessAnswer.No => ("no", "No"),
            ReadinessAnswer.Accepted => ("accepted", "Accepted"),
            ReadinessAnswer.NotUsed => ("unused", "Not used"),
            _ => ("unknown", "Unknown"),
        };
        page.Append("<li id=\"").Append(WebUtility.HtmlEncode(item.Id)).Append("\">")
            .Append("<p class=\"answer ").Append(name).Append("\">").Append(text).Append("</p><p><strong>")
            .Append(WebUtility.HtmlEncode(item.Question)).Append("</strong></p><p>")
            .Append(WebUtility.HtmlEncode(item.Reason)).Append("</p>");
        if (item.Remedy is { } remedy)
            page.Append("<p class=\"quiet\">").Append(WebUtility.HtmlEncode(remedy)).Append("</p>");
        page.Append("</li>\n");
    }
}
