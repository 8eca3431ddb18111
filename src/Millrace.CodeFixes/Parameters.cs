using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.CodeFixes;

/// <summary>Adds parameters to methods.</summary>
internal static class Parameters
{
    public static ParameterSyntax Of(string type, string name) =>
        SyntaxFactory
            .Parameter(SyntaxFactory.Identifier(name))
            .WithType(SyntaxFactory.ParseTypeName(type).WithTrailingTrivia(SyntaxFactory.Space));

    /// <summary>
    /// Returns the method with an additional last parameter. A cancellation token remains after it.
    /// </summary>
    public static MethodDeclarationSyntax With(MethodDeclarationSyntax method, ParameterSyntax parameter)
    {
        var all = method.ParameterList.Parameters;
        var hasToken =
            all.Count > 0
            && all[all.Count - 1].Type?.ToString().EndsWith("CancellationToken", StringComparison.Ordinal) == true;
        var index = hasToken ? all.Count - 1 : all.Count;

        // If each parameter is on its own line, the new parameter also gets its own line.
        var leading = all.Count > 1 ? all[all.Count - 1].GetLeadingTrivia() : default;
        var hasOwnLines = leading.Any(SyntaxKind.WhitespaceTrivia);
        var comma = SyntaxFactory.Token(SyntaxKind.CommaToken);
        var separator = hasOwnLines
            ? comma.WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed)
            : comma.WithTrailingTrivia(SyntaxFactory.Space);
        var items = all.GetWithSeparators();
        var added = hasOwnLines ? parameter.WithLeadingTrivia(leading) : parameter;
        var changed = all.Count == 0 ? items.Add(added)
            : index == all.Count ? items.AddRange([(SyntaxNodeOrToken)separator, added])
            : items.InsertRange(index * 2, [(SyntaxNodeOrToken)added, separator]);
        return method.WithParameterList(
            method.ParameterList.WithParameters(SyntaxFactory.SeparatedList<ParameterSyntax>(changed)));
    }
}
