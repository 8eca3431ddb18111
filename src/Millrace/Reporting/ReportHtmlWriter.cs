namespace Millrace.Reporting;

/// <summary>Writes a report as a page that needs no other file, and that can be printed on A4.</summary>
internal static class ReportHtmlWriter
{
    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1b1b1b;--quiet:#555;--back:#fff;--line:#c8c8c8;--head:#f1f1f1;
        --bad:#a4001d;--badback:#fdecee;--good:#145c2c;--goodback:#e8f5ec}
        @media screen and (prefers-color-scheme:dark){:root{--text:#eee;--quiet:#b0b0b0;--back:#161616;--line:#444;
        --head:#242424;--bad:#ff9aa8;--badback:#3a1219;--good:#9be0b0;--goodback:#10301b}}
        *{box-sizing:border-box}
        body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:80rem;padding:1.5rem 1rem;color:var(--text);
        background:var(--back)}
        h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.2rem 0 .3rem}
        p{margin:.3rem 0 .6rem;max-width:60rem}.quiet{color:var(--quiet)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:.6rem 0}
        dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
        .box{border-left:.3rem solid;padding:.6rem .9rem;margin:1rem 0}
        .box p,.box ul{margin:.2rem 0}.box ul{padding-left:1.2rem}.box li{overflow-wrap:anywhere}
        .box.bad{color:var(--bad);background:var(--badback);font-weight:400}
        .box.good{color:var(--good);background:var(--goodback)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.87rem}
        th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;
        unicode-bidi:isolate}
        th{background:var(--head);font-weight:600}
        td{overflow-wrap:break-word;min-width:5rem;max-width:26rem}
        .n{text-align:right;font-variant-numeric:tabular-nums;min-width:0;white-space:nowrap}
        td.c{font-family:ui-monospace,monospace;font-size:.8rem;overflow-wrap:anywhere;min-width:7.5rem}
        td.t{min-width:6rem;font-variant-numeric:tabular-nums}
        .bad{color:var(--bad);font-weight:600}
        nav ul{columns:2 18rem;padding-left:1.2rem;margin:.4rem 0}a{color:inherit}
        @media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
        @page{size:A4 landscape;margin:14mm}
        @media print{body{font-size:9.5pt;max-width:none;padding:0}nav{display:none}.scroll{overflow:visible}
        table{font-size:7.5pt}thead{display:table-header-group}tr,.box li{break-inside:avoid}
        h2{break-after:avoid}th,td{padding:.15rem .3rem}td{min-width:0;max-width:none}
        td.c{font-size:7pt;min-width:0;max-width:38mm}.box{print-color-adjust:exact}}
        """;

    public static async Task Write(ReportContent report, Stream output, CancellationToken cancellationToken)
    {
        var page = new ReportPage(output);
        WriteHead(report, page);
        WriteFindings(report.Findings, page);
        WriteFacts(report, page);
        page.Html("<nav aria-label=\"Sections\"><ul>");
        foreach (var section in report.Sections)
            page.Html("<li><a href=\"#").Text(section.Name).Html("\">").Text(section.Title).Html("</a></li>");
        page.Html("</ul></nav>\n");
        foreach (var section in report.Sections)
        {
            page.Html("<section><h2 id=\"").Text(section.Name).Html("\">").Text(section.Title).Html("</h2>\n");
            if (section.Note is { } note)
                page.Html("<p class=\"quiet\">").Text(note).Html("</p>\n");
            await section.WriteRows(page, cancellationToken).ConfigureAwait(false);
            page.Html("</section>\n");
            await page.FlushIfLarge(cancellationToken).ConfigureAwait(false);
        }
        page.Html("<section><h2 id=\"limits\">Not covered</h2><ul>");
        foreach (var limit in report.Limits)
            page.Html("<li>").Text(limit).Html("</li>");
        page.Html("</ul></section>\n</main></body></html>\n");
        await page.Flush(cancellationToken).ConfigureAwait(false);
    }

    private static void WriteHead(ReportContent report, ReportPage page)
    {
        var title = report.Controller is { } controller ? $"{report.Title}: {controller.Name}" : report.Title;
        page.Html("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Html("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
            .Text(title).Html("</title>\n<style>").Html(Style).Html("</style></head>\n<body><main><h1>")
            .Text(title).Html("</h1>\n");
        var start = report.Period.From is { } from ? $"{ReportTexts.Of(from)} (inclusive)" : "the first event";
        var end = report.Period.To is { } to ? $"{ReportTexts.Of(to)} (exclusive)" : "the last event";
        page.Html("<p class=\"quiet\">").Text($"Period: {start} to {end}.")
            .Text($" Created at {ReportTexts.Of(report.Period.Now)}, from the log up to position ")
            .Text(ReportTexts.Of(report.Period.Head)).Html(".</p>\n");
    }

    private static void WriteFindings(ReportFindings findings, ReportPage page)
    {
        if (findings.Count == 0)
        {
            page.Html("<div class=\"box good\"><p><strong>No findings.</strong></p></div>\n");
            return;
        }
        page.Html("<div class=\"box bad\"><p><strong>").Text(ReportTexts.Count(findings.Count, "finding"))
            .Html("</strong></p><ul>\n");
        foreach (var finding in findings.Kept)
            page.Html("<li>").Text(finding.Message).Html("</li>\n");
        page.Html("</ul>");
        if (findings.Count > findings.Kept.Count)
            page.Paragraph($"{ReportTexts.Of(findings.Count - findings.Kept.Count)} more are not listed.");
        page.Html("</div>\n");
    }

    private static void WriteFacts(ReportContent report, ReportPage page)
    {
        page.Html("<dl>");
        if (report.Controller is { } controller)
        {
            WriteFact(page, "Controller", $"{controller.Name}, {controller.Contact}");
            WriteFact(page, "Representative", controller.Representative);
            WriteFact(page, "Data protection officer", controller.DataProtectionOfficer);
        }
        foreach (var fact in report.Facts)
            WriteFact(page, fact.Title, TextOf(fact.Value));
        page.Html("</dl>\n");
    }

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        bool flag => ReportTexts.Of(flag),
        long number => ReportTexts.Of(number),
        _ => value.ToString(),
    };

    private static void WriteFact(ReportPage page, string title, string? value)
    {
        if (value is not null)
            page.Html("<dt>").Text(title).Html("</dt><dd>").Text(value).Html("</dd>\n");
    }
}
