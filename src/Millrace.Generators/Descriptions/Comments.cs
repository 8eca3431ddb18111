using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// Reads the summary in the documentation comment of a type or a method. If the compiler does not parse documentation,
/// the comment is read from the source.
/// </summary>
internal static class Comments
{
    public static string? SummaryOf(ISymbol symbol) =>
        Documentation.Of(symbol).Summary
        ?? symbol
            .DeclaringSyntaxReferences.Select(reference => Summary(SourceComment(reference.GetSyntax())))
            .FirstOrDefault(found => found is not null);

    private static string SourceComment(SyntaxNode node)
    {
        if (node is not MemberDeclarationSyntax)
            return "";
        var text = new StringBuilder();
        foreach (var trivia in node.GetLeadingTrivia())
        {
            var line = trivia.ToString();
            if (line.StartsWith("///", StringComparison.Ordinal))
                text.Append(line.Substring(3)).Append('\n');
        }
        return text.ToString();
    }

    private static string? Summary(string comment)
    {
        if (comment.Length == 0)
            return null;
        try
        {
            return Documentation.TextOf(XElement.Parse($"<member>{comment}</member>").Element("summary"));
        }
        catch (XmlException)
        {
            return null; // The comment is malformed, and the compiler has not reported it.
        }
    }
}
