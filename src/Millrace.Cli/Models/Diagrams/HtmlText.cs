using System.Net;
using System.Text;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>Writes HTML: every text is escaped.</summary>
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

    /// <summary>An element with nothing but text in it.</summary>
    public HtmlText Element(string name, string text, string attributes = "") =>
        Raw($"<{name}{(attributes.Length == 0 ? "" : " " + attributes)}>").Text(text).Raw($"</{name}>\n");

    /// <summary>The name of something as it can stand in an address.</summary>
    public static string Anchor(string kind, string name) =>
        kind
        + "-"
        + string.Concat(
            name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));

    public override string ToString() => _text.ToString();
}
