using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// Returns the condition of a rule as source text. The condition of a thrown exception is the negation of all
/// conditions on the path to the exception. It is null if the path does not consist of conditions.
/// </summary>
internal static class RuleConditions
{
    private const int MaxCharacters = 300;

    /// <summary>Returns the source text of a condition on one line.</summary>
    public static string Text(ExpressionSyntax condition)
    {
        var lines = condition
            .WithoutTrivia()
            .ToString()
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0);
        return Truncated(string.Join(" ", lines))!; // Not null for a non-null text.
    }

    /// <summary>
    /// Returns the condition under which an exception is not thrown. Returns null when the exception is not thrown
    /// directly, or when the path to it does not consist of conditions.
    /// </summary>
    public static string? Of(ExpressionSyntax thrown) =>
        thrown.Parent is ThrowExpressionSyntax or ThrowStatementSyntax && RulePath.To(thrown.Parent) is { } path
            ? Truncated(path.ToText())
            : null;

    /// <summary>
    /// Returns the text "the check is not reached, or the condition holds". Returns null when the path to the check
    /// does not consist of conditions.
    /// </summary>
    /// <param name="check">The code of the check.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="mustBeFalse">True if the check requires that the condition is false.</param>
    public static string? Of(SyntaxNode check, ExpressionSyntax condition, bool mustBeFalse = false)
    {
        if (RulePath.To(check) is not { } path)
            return null;
        if (path.ToText() is null)
            return mustBeFalse ? Not(condition) : Text(condition);
        return Truncated(path.ToText(mustBeFalse ? Not(condition, isOperand: true) : Operand(condition)));
    }

    /// <summary>
    /// Returns the text "the call is skipped, or the condition holds", for a condition that a called method checks.
    /// </summary>
    public static string UnlessSkipped(string unless, string condition)
    {
        if (unless.Length == 0)
            return condition;
        var needsParentheses = condition.Contains(" ? ") || condition.Contains(" ?? ") || condition.Contains("=>");
        // Not null for a non-null text.
        return Truncated($"{unless} || {(needsParentheses ? $"({condition})" : condition)}")!;
    }

    /// <summary>Returns a condition as an operand of <c>||</c>.</summary>
    public static string Operand(ExpressionSyntax condition)
    {
        var inner = WithoutParentheses(condition);
        var needsParentheses =
            inner
            is ConditionalExpressionSyntax
                or AssignmentExpressionSyntax
                or AnonymousFunctionExpressionSyntax
                or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression };
        return needsParentheses ? $"({Text(inner)})" : Text(inner);
    }

    /// <summary>Returns the negation of a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="isOperand">True if the condition is an operand of <c>||</c>.</param>
    public static string Not(ExpressionSyntax condition, bool isOperand = false)
    {
        var inner = WithoutParentheses(condition);
        return inner switch
        {
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => isOperand
                ? Operand(not.Operand)
                : Text(WithoutParentheses(not.Operand)),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression } same =>
                $"{Text(same.Left)} != {Text(same.Right)}",
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.NotEqualsExpression } other =>
                $"{Text(other.Left)} == {Text(other.Right)}",
            IsPatternExpressionSyntax { Pattern: var pattern } match when !Declares(pattern) =>
                $"{Text(match.Expression)} is {Not(pattern)}",
            _ => $"!({Text(inner)})",
        };
    }

    /// <summary>
    /// Returns the condition under which an arm that throws is not selected. For the default arm, the value must match
    /// one of the other arms. For another arm, the value must not match that arm.
    /// </summary>
    public static string? NotCase(SwitchExpressionArmSyntax arm)
    {
        if (arm.Parent is not SwitchExpressionSyntax whole)
            return null;
        var subject = Text(whole.GoverningExpression);
        if (arm.Pattern is not DiscardPatternSyntax)
        {
            return arm.WhenClause is null && !Declares(arm.Pattern)
                ? $"{subject} is {Not(arm.Pattern)}"
                : $"!({subject} is "
                    + $"{Text(arm.Pattern)}{(arm.WhenClause is { } when ? $" && {Text(when.Condition)}" : "")})";
        }
        var others = whole.Arms.Where(other => other != arm).ToList();
        return
            others.Count > 0
            && others.TrueForAll(other => other is { WhenClause: null, Expression: not ThrowExpressionSyntax })
            ? $"{subject} is {string.Join(" or ", others.Select(other => Text(other.Pattern)))}"
            : null;
    }

    /// <summary>
    /// Returns the condition under which a section is not selected: the value matches none of its cases. Returns null
    /// when a case is the default, has a condition or declares a variable.
    /// </summary>
    public static string? NotCase(SwitchSectionSyntax section)
    {
        var cases = section.Labels.Select(label => label switch
        {
            CaseSwitchLabelSyntax one => Text(one.Value),
            CasePatternSwitchLabelSyntax { WhenClause: null } one when !Declares(one.Pattern) => Text(one.Pattern),
            _ => null,
        }).ToList();
        if (section.Parent is not SwitchStatementSyntax whole || cases.Contains(null))
            return null;
        var subject = Text(WithoutParentheses(whole.Expression));
        return cases.Count == 1 ? $"{subject} is not {cases[0]}" : $"{subject} is not ({string.Join(" or ", cases)})";
    }

    private static string Not(PatternSyntax pattern) => pattern switch
    {
        UnaryPatternSyntax not => Text(not.Pattern is ParenthesizedPatternSyntax inner ? inner.Pattern : not.Pattern),
        BinaryPatternSyntax => $"not ({Text(pattern)})",
        _ => "not " + Text(pattern),
    };

    /// <summary>Returns true if a pattern declares a variable. C# does not allow this in a negated pattern.</summary>
    private static bool Declares(PatternSyntax pattern) =>
        pattern.DescendantNodesAndSelf().Any(node => node is VariableDesignationSyntax);

    private static string Text(PatternSyntax pattern) =>
        string.Join(" ", pattern.WithoutTrivia().ToString().Split('\n').Select(line => line.Trim()));

    private static string? Truncated(string? text) =>
        text?.Length > MaxCharacters ? text.Substring(0, MaxCharacters) + "…" : text;

    private static ExpressionSyntax WithoutParentheses(ExpressionSyntax condition) =>
        condition is ParenthesizedExpressionSyntax { Expression: var inner } ? WithoutParentheses(inner) : condition;
}
