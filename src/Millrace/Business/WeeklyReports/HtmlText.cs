using System.Text;
using System.Text.Encodings.Web;

namespace Millrace.Business.WeeklyReports;

/// <summary>Builds HTML. All texts are encoded.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    /// <summary>Appends HTML of this library.</summary>
    public HtmlText Html(string html)
    {
        _html.Append(html);
        return this;
    }

    /// <summary>Appends a text.</summary>
    public HtmlText Text(string text)
    {
        _html.Append(HtmlEncoder.Default.Encode(text));
        return this;
    }

    /// <summary>
    /// Appends the start of an element with a style for mail programs, and a class for dark displays.
    /// </summary>
    public HtmlText Open(string element, string style, string? darkClass = null)
    {
        _html.Append('<').Append(element).Append(" style=\"").Append(style).Append('"');
        if (darkClass is not null)
            _html.Append(" class=\"").Append(darkClass).Append('"');
        _html.Append('>');
        return this;
    }

    public HtmlText Close(string element)
    {
        _html.Append("</").Append(element).Append(">\n");
        return this;
    }

    public override string ToString() => _html.ToString();
}
