using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// Reads documentation comments as plain sentences. The texts are null if the compiler does not parse comments.
/// </summary>
internal sealed class Documentation
{
    private readonly XElement? _comment;

    private Documentation(XElement? comment) => _comment = comment;

    public string? Summary => TextOf(_comment?.Element("summary"));

    public static Documentation Of(ISymbol symbol)
    {
        var text = symbol.GetDocumentationCommentXml();
        // For a malformed comment, the compiler reports an error and returns an XML comment with the error.
        return new(text?.StartsWith("<member", StringComparison.Ordinal) == true ? XElement.Parse(text) : null);
    }

    public string? Parameter(string name) =>
        TextOf(_comment?.Elements("param").FirstOrDefault(parameter => (string?)parameter.Attribute("name") == name));

    /// <summary>Returns the text of an element on one line.</summary>
    public static string? TextOf(XElement? element)
    {
        if (element is null)
            return null;
        var text = new StringBuilder();
        Append(text, element);
        var words = text.ToString().Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? null : string.Join(" ", words);
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (var node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { IsEmpty: true } named)
                text.Append(NameIn(named));
            else if (node is XElement inner)
                Append(text, inner);
        }
    }

    /// <summary>Returns the last part of the target of an element such as <c>see</c>.</summary>
    private static string NameIn(XElement element)
    {
        var attributes = (string[])["cref", "name", "langword"];
        var name =
            attributes.Select(known => (string?)element.Attribute(known)).FirstOrDefault(given => given is not null)
            ?? " ";
        var end = name.IndexOfAny(['(', '`', '{']);
        var head = end < 0 ? name : name.Substring(0, end);
        return head.Substring(head.LastIndexOfAny(['.', ':']) + 1);
    }
}
