using System.Text;
using System.Text.Encodings.Web;

namespace Millrace.Reporting;

/// <summary>Writes the HTML of a page to a stream. All texts are encoded.</summary>
internal sealed class ReportPage(Stream output)
{
    /// <summary>The maximum number of rows of a table.</summary>
    public const int MaxRows = 20_000;

    private const int MaxPendingCharacters = 64 * 1024;

    private readonly StringBuilder _html = new();

    /// <summary>Writes HTML from this library. Texts of others are written with the other methods.</summary>
    public ReportPage Html(string html)
    {
        _html.Append(html);
        return this;
    }

    public ReportPage Text(string text)
    {
        _html.Append(HtmlEncoder.Default.Encode(text));
        return this;
    }

    public ReportPage Paragraph(string text) => Html("<p>").Text(text).Html("</p>\n");

    public ReportPage Warning(string text) => Html("<p class=\"bad\">").Text(text).Html("</p>\n");

    public void StartTable(string caption, IEnumerable<(string Title, string? Style)> columns)
    {
        Html("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"").Text(caption)
            .Html("\"><table><thead><tr>");
        foreach (var (title, style) in columns)
            Html("<th scope=\"col\"").Class(style, false).Html(">").Text(title).Html("</th>");
        Html("</tr></thead><tbody>\n");
    }

    public void EndTable() => Html("</tbody></table></div>\n");

    public void StartRow() => Html("<tr>");

    public void EndRow() => Html("</tr>\n");

    public void Cell(string? text, string? style, bool isBad)
    {
        Html("<td").Class(style, isBad).Html(">");
        if (text is { Length: > 0 })
            Text(text);
        Html("</td>");
    }

    public ValueTask FlushIfLarge(CancellationToken cancellationToken) =>
        _html.Length > MaxPendingCharacters ? Flush(cancellationToken) : ValueTask.CompletedTask;

    public async ValueTask Flush(CancellationToken cancellationToken)
    {
        await output.WriteAsync(Encoding.UTF8.GetBytes(_html.ToString()), cancellationToken).ConfigureAwait(false);
        _html.Clear();
    }

    private ReportPage Class(string? style, bool isBad) => (style, isBad) switch
    {
        (null, false) => this,
        (null, true) => Html(" class=\"bad\""),
        (_, false) => Html($" class=\"{style}\""),
        _ => Html($" class=\"{style} bad\""),
    };
}
