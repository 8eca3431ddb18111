using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>
/// Recognizes conditions that check whether a document exists. If none exists, returning null removes nothing.
/// </summary>
internal static class DocumentNullCheck
{
    /// <returns>True if the condition is true when no document exists, false if it is true when a document exists, and
    /// null for any other condition.</returns>
    public static bool? Of(ExpressionSyntax condition, FlowReader reader, FlowFrame frame) =>
        condition switch
        {
            ParenthesizedExpressionSyntax inner => Of(inner.Expression, reader, frame),
            IsPatternExpressionSyntax
            {
                Pattern: ConstantPatternSyntax { Expression: LiteralExpressionSyntax literal }
            } check
                when literal.IsKind(SyntaxKind.NullLiteralExpression) && IsDocument(check.Expression, reader, frame) =>
                true,
            IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax or RecursivePatternSyntax } check
                when ChecksOnlyForValue(check.Pattern) && IsDocument(check.Expression, reader, frame) => false,
            BinaryExpressionSyntax { Right: LiteralExpressionSyntax literal } compared
                when literal.IsKind(SyntaxKind.NullLiteralExpression) && IsDocument(compared.Left, reader, frame) =>
                compared.IsKind(SyntaxKind.EqualsExpression),
            _ => null,
        };

    /// <summary>
    /// Returns true for a pattern that only checks for a value, such as <c>not null</c> or <c>{ }</c>.
    /// </summary>
    private static bool ChecksOnlyForValue(PatternSyntax pattern) =>
        pattern is UnaryPatternSyntax or RecursivePatternSyntax { PropertyPatternClause.Subpatterns.Count: 0 };

    private static bool IsDocument(ExpressionSyntax expression, FlowReader reader, FlowFrame frame) =>
        reader.Expressions.Of(expression, frame).Values.Contains(new(FlowRoot.Document, null));
}
