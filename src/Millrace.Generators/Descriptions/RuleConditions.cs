using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>
/// The condition of a rule as it stands in the source: what must hold. Of a refusal that is thrown it is the opposite of what leads there;
/// null where that is not told by one condition.
/// </summary>
internal static class RuleConditions
{
    private const int MostCharacters = 300;

    /// <summary>The source text of a condition, on one line.</summary>
    public static string Text(ExpressionSyntax condition)
    {
        var lines = condition.WithoutTrivia().ToString().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        var text = string.Join(" ", lines);
        return text.Length <= MostCharacters ? text : text.Substring(0, MostCharacters) + "…";
    }

    /// <summary>What must hold so that an exception is not thrown; null for one that is not thrown where it is made.</summary>
    public static string? Of(ExpressionSyntax thrown) => thrown.Parent switch
    {
        ThrowExpressionSyntax expression => OfBranch(expression),
        ThrowStatementSyntax statement => OfStatement(statement),
        _ => null,
    };

    /// <summary>The opposite of a condition.</summary>
    public static string Not(ExpressionSyntax condition)
    {
        var bare = Bare(condition);
        return bare switch
        {
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => Text(Bare(not.Operand)),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression } same => $"{Text(same.Left)} != {Text(same.Right)}",
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.NotEqualsExpression } other => $"{Text(other.Left)} == {Text(other.Right)}",
            IsPatternExpressionSyntax { Pattern: var pattern } match when !Declares(pattern) =>
                $"{Text(match.Expression)} is {Not(pattern)}",
            _ => $"!({Text(bare)})",
        };
    }

    private static string? OfBranch(ThrowExpressionSyntax thrown) => thrown.Parent switch
    {
        ConditionalExpressionSyntax choice => choice.WhenTrue == thrown ? Not(choice.Condition) : Text(Bare(choice.Condition)),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either => Text(either.Left) + " is not null",
        SwitchExpressionArmSyntax arm => OfArm(arm),
        _ => null,
    };

    private static string? OfStatement(ThrowStatementSyntax thrown)
    {
        SyntaxNode inner = thrown.Parent is BlockSyntax block ? block : thrown;
        return inner.Parent switch
        {
            IfStatementSyntax guard => Not(guard.Condition),
            ElseClauseSyntax { Parent: IfStatementSyntax guard } => Text(Bare(guard.Condition)),
            _ => null,
        };
    }

    /// <summary>Of a case that is refused: that it is another; of all that is left: that it is one of the cases before.</summary>
    private static string? OfArm(SwitchExpressionArmSyntax arm)
    {
        if (arm.Parent is not SwitchExpressionSyntax whole)
            return null;
        var subject = Text(whole.GoverningExpression);
        if (arm.Pattern is not DiscardPatternSyntax)
        {
            return arm.WhenClause is null && !Declares(arm.Pattern)
                ? $"{subject} is {Not(arm.Pattern)}"
                : $"!({subject} is {Text(arm.Pattern)}{(arm.WhenClause is { } when ? $" && {Text(when.Condition)}" : "")})";
        }
        var others = whole.Arms.Where(other => other != arm).ToList();
        return others.Count > 0 && others.TrueForAll(other => other is { WhenClause: null, Expression: not ThrowExpressionSyntax })
            ? $"{subject} is {string.Join(" or ", others.Select(other => Text(other.Pattern)))}"
            : null;
    }

    private static string Not(PatternSyntax pattern) => pattern switch
    {
        UnaryPatternSyntax not => Text(not.Pattern is ParenthesizedPatternSyntax inner ? inner.Pattern : not.Pattern),
        BinaryPatternSyntax => $"not ({Text(pattern)})",
        _ => "not " + Text(pattern),
    };

    /// <summary>Whether it names what it finds, which its opposite cannot.</summary>
    private static bool Declares(PatternSyntax pattern) => pattern.DescendantNodesAndSelf().Any(node => node is VariableDesignationSyntax);

    private static string Text(PatternSyntax pattern) =>
        string.Join(" ", pattern.WithoutTrivia().ToString().Split('\n').Select(line => line.Trim()));

    private static ExpressionSyntax Bare(ExpressionSyntax condition) =>
        condition is ParenthesizedExpressionSyntax { Expression: var inner } ? Bare(inner) : condition;
}
