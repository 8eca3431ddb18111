using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>Recognizes checks for an existing document. Returning null without a document removes nothing.</summary>
internal static class DocumentNullCheck
{
    /// <returns>True when it is true without a document, false when it is true with one, null for any other
    /// check.</returns>
    public static bool? Of(ExpressionSyntax condition, FlowReader reader, FlowFrame frame) =>
        condition switch
        {
            ParenthesizedExpressionSyntax inner => Of(inner.Expression, reader, frame),
            IsPatternExpressionSyntax
            {
                Pattern: ConstantPatternSyntax { Expression: LiteralExpressionSyntax literal }
            } asked
                when literal.IsKind(SyntaxKind.NullLiteralExpression) && IsDocument(asked.Expression, reader, frame) =>
                true,
            IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax or RecursivePatternSyntax } asked
                when Of(asked.Pattern) && IsDocument(asked.Expression, reader, frame) => false,
            BinaryExpressionSyntax { Right: LiteralExpressionSyntax literal } compared
                when literal.IsKind(SyntaxKind.NullLiteralExpression) && IsDocument(compared.Left, reader, frame) =>
                compared.IsKind(SyntaxKind.EqualsExpression),
            _ => null,
        };

    /// <summary>Returns true for a pattern that only checks for a value: <c>not null</c>, <c>{ }</c>.</summary>
    private static bool Of(PatternSyntax pattern) =>
        pattern is UnaryPatternSyntax or RecursivePatternSyntax { PropertyPatternClause.Subpatterns.Count: 0 };

    private static bool IsDocument(ExpressionSyntax expression, FlowReader reader, FlowFrame frame) =>
        reader.Expressions.Of(expression, frame).Values.Contains(new(FlowRoot.Document, null));
}
