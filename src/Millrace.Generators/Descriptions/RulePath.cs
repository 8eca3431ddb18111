using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>
/// The path to a location in a body: all conditions under which it is reached, from the outside in. It yields the
/// condition under which the location is not reached, or nothing when the path does not consist of conditions.
/// </summary>
internal sealed class RulePath
{
    private readonly List<string> _negatedConditions = [];

    private RulePath()
    {
    }

    /// <summary>Returns the path to a location; null when it does not consist of conditions.</summary>
    public static RulePath? To(SyntaxNode place)
    {
        var path = new RulePath();
        for (var (inner, outer) = (place, place.Parent); outer is not null; (inner, outer) = (outer, outer.Parent))
        {
            if (outer
                is BaseMethodDeclarationSyntax
                    or AccessorDeclarationSyntax
                    or LocalFunctionStatementSyntax
                    or TypeDeclarationSyntax)
                break;
            if (!path.AddStep(inner, outer))
                return null;
        }
        return path;
    }

    /// <summary>
    /// Returns the condition under which the location is not reached; null when it is always reached.
    /// </summary>
    public string? ToText() => _negatedConditions.Count == 0 ? null : string.Join(" || ", _negatedConditions);

    /// <summary>
    /// Returns a condition that is checked at the location: the condition, or what skips the location.
    /// </summary>
    public string ToText(string demand) =>
        _negatedConditions.Count == 0 ? demand : $"{string.Join(" || ", _negatedConditions)} || {demand}";

    private bool AddStep(SyntaxNode inner, SyntaxNode outer) =>
        outer switch
        {
            IfStatementSyntax choice => inner != choice.Statement
                || Add(RuleConditions.Not(choice.Condition, isPart: true)),
            ElseClauseSyntax { Parent: IfStatementSyntax choice } => Add(RuleConditions.Part(choice.Condition)),
            WhileStatementSyntax loop => inner != loop.Statement
                || Add(RuleConditions.Not(loop.Condition, isPart: true)),
            ConditionalExpressionSyntax choice => inner == choice.Condition
                || Add(
                    inner == choice.WhenTrue
                        ? RuleConditions.Not(choice.Condition, isPart: true)
                        : RuleConditions.Part(choice.Condition)),
            BinaryExpressionSyntax either => inner == either.Left || AddRight(either),
            SwitchExpressionArmSyntax arm => inner != arm.Expression || Add(RuleConditions.NotCase(arm)),
            SwitchSectionSyntax section => Add(RuleConditions.NotCase(section))
                && AddEarlier(section.Statements, inner),
            BlockSyntax block => AddEarlier(block.Statements, inner),
            CatchClauseSyntax => false,
            _ => true,
        };

    private bool AddRight(BinaryExpressionSyntax either) => (SyntaxKind)either.RawKind switch
    {
        SyntaxKind.LogicalAndExpression => Add(RuleConditions.Not(either.Left, isPart: true)),
        SyntaxKind.LogicalOrExpression => Add(RuleConditions.Part(either.Left)),
        SyntaxKind.CoalesceExpression => Add(RuleConditions.Part(either.Left) + " is not null"),
        _ => true,
    };

    /// <summary>
    /// Adds statements that leave the body before the location. An exception thrown there is a separate rule.
    /// </summary>
    private bool AddEarlier(SyntaxList<StatementSyntax> statements, SyntaxNode inner)
    {
        var exits = new List<string>();
        foreach (var before in statements.TakeWhile(one => one != inner).Where(MayLeave))
        {
            if (before is not IfStatementSyntax { Else: null } guard || !ExitsBlock(guard.Statement))
                return false;
            exits.Add(RuleConditions.Part(guard.Condition));
        }
        _negatedConditions.InsertRange(0, exits);
        return true;
    }

    private bool Add(string? unless)
    {
        if (unless is not null)
            _negatedConditions.Insert(0, unless);
        return unless is not null;
    }

    /// <summary>Returns true when the code after a statement is never reached from it.</summary>
    private static bool ExitsBlock(StatementSyntax statement) =>
        statement switch
        {
            BlockSyntax block => block.Statements.Count > 0 && ExitsBlock(block.Statements[block.Statements.Count - 1]),
            ReturnStatementSyntax
            or ThrowStatementSyntax
            or ContinueStatementSyntax
            or BreakStatementSyntax
            or GotoStatementSyntax => true,
            YieldStatementSyntax { Expression: null } => true,
            _ => false,
        };

    /// <summary>Returns true when a statement can be left other than at its end and by an exception.</summary>
    private static bool MayLeave(StatementSyntax statement) =>
        statement
            .DescendantNodesAndSelf(static node =>
                node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .Any(node =>
                node is ReturnStatementSyntax or GotoStatementSyntax or YieldStatementSyntax { Expression: null }
                || (node is BreakStatementSyntax or ContinueStatementSyntax && !IsInsideStatement(node, statement)));

    /// <summary>Returns true when a jump leaves a loop or a switch inside a statement.</summary>
    private static bool IsInsideStatement(SyntaxNode jump, StatementSyntax statement) =>
        jump.Ancestors()
            .TakeWhile(node => node != statement.Parent)
            .Any(node =>
                node is ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax
                || (node is SwitchStatementSyntax && jump is BreakStatementSyntax));
}
