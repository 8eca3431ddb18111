using System.Net;
using System.Text;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>Writes HTML. Text is escaped; raw HTML and the attributes of an element are not.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();

    public HtmlText Raw(string html)
    {
        _text.Append(html);
        return this;
    }

    public HtmlText Text(string text)
    {
        _text.Append(WebUtility.HtmlEncode(text));
        return this;
    }

    /// <summary>Writes an element that contains only text.</summary>
    public HtmlText Element(string name, string text, string attributes = "") =>
        Raw($"<{name}{(attributes.Length == 0 ? "" : " " + attributes)}>").Text(text).Raw($"</{name}>\n");

    /// <summary>Returns a name in the form of a URL fragment.</summary>
    public static string Anchor(string kind, string name) =>
        kind
        + "-"
        + string.Concat(
            name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));

    public override string ToString() => _text.ToString();
}
