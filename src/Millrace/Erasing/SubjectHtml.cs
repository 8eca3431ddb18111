using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Millrace.Erasing;

/// <summary>Writes the export of a subject as a page that needs no other file.</summary>
internal static class SubjectHtml
{
    private const string Style =
        "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b;"
            + "background:#fff}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}"
            + "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem;"
            + "text-align:left;vertical-align:top}th{font-weight:600}dl{margin:0;display:grid;"
            + "grid-template-columns:max-content 1fr;gap:.1rem .8rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}"
            + "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}td,th{border-color:#444}"
            + "dt{color:#aaa}}";

    public static string Write(
        string subject,
        IReadOnlyList<SubjectItem> events,
        IReadOnlyList<SubjectItem> documents,
        IReadOnlyList<ErasureInfo> erasures,
        IReadOnlyList<LegalHold> holds,
        DateTimeOffset now)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\"><title>Data of ")
            .Append(Encode(subject)).Append("</title><style>").Append(Style).Append("</style></head><body><h1>Data of ")
            .Append(Encode(subject)).Append("</h1><p>Exported at ").Append(TimeOf(now)).Append(".</p>");
        if (events.Count == 0 && documents.Count == 0)
            html.Append("<p>There is no data of this person.</p>");
        Write(html, "Events", events);
        Write(html, "Read models", documents);
        Write(html, "Erasures", [.. erasures.Select(erasure => $"{erasure.Request.Id}: {erasure.State}")]);
        Write(html, "Legal holds", [.. holds.Select(hold => $"{hold.Reason}, since {TimeOf(hold.At)}")]);
        return html.Append("</body></html>").ToString();
    }

    private static void Write(StringBuilder html, string title, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return;
        html.Append("<h2>").Append(title).Append("</h2><ul>");
        foreach (var text in texts)
            html.Append("<li>").Append(Encode(text)).Append("</li>");
        html.Append("</ul>");
    }

    private static void Write(StringBuilder html, string title, IReadOnlyList<SubjectItem> items)
    {
        if (items.Count == 0)
            return;
        var hasTimes = items.Any(item => item.Time is not null); // Documents have no times.
        html.Append("<h2>").Append(title).Append("</h2><table><tr><th>What</th>")
            .Append(hasTimes ? "<th>When</th>" : "").Append("<th>Data</th></tr>");
        foreach (var item in items)
        {
            html.Append("<tr><td>").Append(Encode(item.Type)).Append("<br>").Append(Encode(item.Owner))
                .Append(item.HasPlainValues ? "<br>Has values that are not encrypted and cannot be erased." : "")
                .Append("</td>");
            if (hasTimes)
                html.Append("<td>").Append(item.Time is { } time ? TimeOf(time) : "").Append("</td>");
            html.Append("<td>");
            Write(html, item.Data);
            html.Append("</td></tr>");
        }
        html.Append("</table>");
    }

    private static void Write(StringBuilder html, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                html.Append("<dl>");
                foreach (var member in json.EnumerateObject())
                {
                    html.Append("<dt>").Append(Encode(member.Name)).Append("</dt><dd>");
                    Write(html, member.Value);
                    html.Append("</dd>");
                }
                html.Append("</dl>");
                break;
            case JsonValueKind.Array:
                html.Append("<ul>");
                foreach (var item in json.EnumerateArray())
                {
                    html.Append("<li>");
                    Write(html, item);
                    html.Append("</li>");
                }
                html.Append("</ul>");
                break;
            default:
                html.Append(Encode(json.ToString()));
                break;
        }
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
