using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// The path to a location in the body of a member: all conditions that must be true for execution to reach the
/// location, from the outermost to the innermost.
/// </summary>
internal sealed class RulePath
{
    private readonly List<string> _negatedConditions = [];

    private RulePath()
    {
    }

    /// <summary>
    /// Returns the path to a location, or null if conditions alone do not determine whether execution reaches the
    /// location.
    /// </summary>
    public static RulePath? To(SyntaxNode target)
    {
        var path = new RulePath();
        for (var (inner, outer) = (target, target.Parent); outer is not null; (inner, outer) = (outer, outer.Parent))
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
    /// Returns the condition under which execution does not reach the location, or null if execution always reaches it.
    /// </summary>
    public string? ToText() => _negatedConditions.Count == 0 ? null : string.Join(" || ", _negatedConditions);

    /// <summary>
    /// Returns the rule that a check at the location enforces: execution does not reach the location, or the condition
    /// is true.
    /// </summary>
    public string ToText(string condition) =>
        _negatedConditions.Count == 0 ? condition : $"{string.Join(" || ", _negatedConditions)} || {condition}";

    private bool AddStep(SyntaxNode inner, SyntaxNode outer) =>
        outer switch
        {
            IfStatementSyntax choice => inner != choice.Statement
                || Add(RuleConditions.Not(choice.Condition, isOperand: true)),
            ElseClauseSyntax { Parent: IfStatementSyntax choice } => Add(RuleConditions.Operand(choice.Condition)),
            WhileStatementSyntax loop => inner != loop.Statement
                || Add(RuleConditions.Not(loop.Condition, isOperand: true)),
            ConditionalExpressionSyntax choice => inner == choice.Condition
                || Add(
                    inner == choice.WhenTrue
                        ? RuleConditions.Not(choice.Condition, isOperand: true)
                        : RuleConditions.Operand(choice.Condition)),
            BinaryExpressionSyntax either => inner == either.Left || AddLeftOperand(either),
            SwitchExpressionArmSyntax arm => inner != arm.Expression || Add(RuleConditions.NotCase(arm)),
            SwitchSectionSyntax section => Add(RuleConditions.NotCase(section))
                && AddEarlierExits(section.Statements, inner),
            BlockSyntax block => AddEarlierExits(block.Statements, inner),
            CatchClauseSyntax => false,
            _ => true,
        };

    private bool AddLeftOperand(BinaryExpressionSyntax either) => (SyntaxKind)either.RawKind switch
    {
        SyntaxKind.LogicalAndExpression => Add(RuleConditions.Not(either.Left, isOperand: true)),
        SyntaxKind.LogicalOrExpression => Add(RuleConditions.Operand(either.Left)),
        SyntaxKind.CoalesceExpression => Add(RuleConditions.Operand(either.Left) + " is not null"),
        _ => true,
    };

    /// <summary>
    /// Adds the conditions of earlier statements that leave the block. A statement that throws adds none, because its
    /// exception is a separate rule. Returns false if an earlier statement can leave the block in another way.
    /// </summary>
    private bool AddEarlierExits(SyntaxList<StatementSyntax> statements, SyntaxNode inner)
    {
        var exits = new List<string>();
        foreach (var earlier in statements.TakeWhile(statement => statement != inner).Where(MayLeave))
        {
            if (earlier is not IfStatementSyntax { Else: null } guard || !ExitsBlock(guard.Statement))
                return false;
            exits.Add(RuleConditions.Operand(guard.Condition));
        }
        _negatedConditions.InsertRange(0, exits);
        return true;
    }

    private bool Add(string? negatedCondition)
    {
        if (negatedCondition is not null)
            _negatedConditions.Insert(0, negatedCondition);
        return negatedCondition is not null;
    }

    /// <summary>Returns true if a statement always leaves its block.</summary>
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

    /// <summary>Returns true if execution can leave a statement before its end without an exception.</summary>
    private static bool MayLeave(StatementSyntax statement) =>
        statement
            .DescendantNodesAndSelf(static node =>
                node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .Any(node =>
                node is ReturnStatementSyntax or GotoStatementSyntax or YieldStatementSyntax { Expression: null }
                || (node is BreakStatementSyntax or ContinueStatementSyntax && !StaysInside(node, statement)));

    /// <summary>
    /// Returns true if a jump ends a loop or a switch that is a part of the statement, or the statement itself.
    /// </summary>
    private static bool StaysInside(SyntaxNode jump, StatementSyntax statement) =>
        jump.Ancestors()
            .TakeWhile(node => node != statement.Parent)
            .Any(node =>
                node is ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax
                || (node is SwitchStatementSyntax && jump is BreakStatementSyntax));
}
