using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>Follows data through statements.</summary>
internal sealed class StatementFlow(FlowReader reader)
{
    // A few rounds suffice: each round can only add sources of data, and a loop has few of them.
    private const int MaxRounds = 4;

    /// <returns>True if the code after the statement may run.</returns>
    public bool Run(StatementSyntax statement, FlowFrame frame)
    {
        switch (statement)
        {
            case BlockSyntax block:
                return Run(block.Statements, frame);
            case LocalDeclarationStatementSyntax declared:
                Declare(declared.Declaration, frame);
                return true;
            case ExpressionStatementSyntax expression:
                reader.Expressions.Of(expression.Expression, frame);
                return true;
            case ReturnStatementSyntax returned:
                frame.Return(
                    returned.Expression is null ? Flow.Nothing : reader.Expressions.Of(returned.Expression, frame));
                return false;
            case YieldStatementSyntax { Expression: { } yielded }:
                frame.Return(reader.Expressions.Of(yielded, frame));
                return true;
            case IfStatementSyntax branch:
                return RunIf(branch, frame);
            case SwitchStatementSyntax choice:
                return RunSwitch(choice, frame);
            case TryStatementSyntax attempt:
                return RunTry(attempt, frame);
            case ThrowStatementSyntax
            or BreakStatementSyntax
            or ContinueStatementSyntax
            or YieldStatementSyntax
            or GotoStatementSyntax:
                return false;
            case LocalFunctionStatementSyntax or EmptyStatementSyntax:
                return true;
            default:
                return RunContainer(statement, frame);
        }
    }

    private bool Run(SyntaxList<StatementSyntax> statements, FlowFrame frame)
    {
        var guard = frame.Guard;
        foreach (var statement in statements)
        {
            if (!Run(statement, frame))
            {
                frame.Guard = guard;
                return false;
            }
        }
        frame.Guard = guard;
        return true;
    }

    private void Declare(VariableDeclarationSyntax declaration, FlowFrame frame)
    {
        foreach (var variable in declaration.Variables)
        {
            var value = variable.Initializer is { } initializer
                ? reader.Expressions.Of(initializer.Value, frame)
                : Flow.Nothing;
            if (reader.ModelOf(variable).GetDeclaredSymbol(variable) is { } local)
                frame.Locals = frame.Locals.SetItem(local, value);
        }
    }

    private bool RunIf(IfStatementSyntax branch, FlowFrame frame)
    {
        var decision = reader.Expressions.Of(branch.Condition, frame).Sources;
        var absence = DocumentNullCheck.Of(branch.Condition, reader, frame);
        var (guard, before, isWithoutDocument) = (frame.Guard, frame.Locals, frame.IsWithoutDocument);
        frame.Guard = guard.Union(decision);
        frame.IsWithoutDocument = isWithoutDocument || absence == true;
        var continues = Run(branch.Statement, frame);
        var localsAfterBranch = frame.Locals;
        frame.Locals = before;
        frame.IsWithoutDocument = isWithoutDocument || absence == false;
        var continuesElse = branch.Else is null || Run(branch.Else.Statement, frame);
        frame.IsWithoutDocument = isWithoutDocument;
        if (continues && continuesElse)
            frame.Merge(localsAfterBranch);
        else if (continues)
            frame.Locals = localsAfterBranch;
        // If one branch leaves the method, the code after the `if` depends on the condition, because it runs only if
        // the condition selected the other branch.
        frame.Guard = continues && continuesElse ? guard : guard.Union(decision);
        return continues || continuesElse;
    }

    private bool RunSwitch(SwitchStatementSyntax choice, FlowFrame frame)
    {
        var decision = reader.Expressions.Of(choice.Expression, frame);
        var (guard, before, continues) = (frame.Guard, frame.Locals, false);
        var after = new List<ImmutableDictionary<ISymbol, Flow>>();
        frame.Guard = guard.Union(decision.Sources);
        foreach (var section in choice.Sections)
        {
            frame.Locals = before;
            foreach (var label in section.Labels.OfType<CasePatternSwitchLabelSyntax>())
                reader.Targets.Bind(label.Pattern, decision, frame);
            var continuesAfter =
                Run(section.Statements, frame) || section.Statements.Any(statement => IsSwitchBreak(statement));
            continues |= continuesAfter;
            if (continuesAfter)
                after.Add(frame.Locals);
        }
        var isComplete = choice.Sections.Any(section =>
            section.Labels.Any(label => label.IsKind(SyntaxKind.DefaultSwitchLabel)));
        frame.Locals = isComplete && after.Count > 0 ? after[0] : before;
        after.ForEach(frame.Merge);
        frame.Guard = guard;
        return continues || !isComplete;
    }

    private static bool IsSwitchBreak(SyntaxNode statement) =>
        statement
            .DescendantNodesAndSelf(node =>
                node is not (SwitchStatementSyntax or ForEachStatementSyntax or WhileStatementSyntax))
            .Any(node => node is BreakStatementSyntax);

    private bool RunTry(TryStatementSyntax attempt, FlowFrame frame)
    {
        var before = frame.Locals;
        var continues = Run(attempt.Block, frame);
        var tried = frame.Locals;
        foreach (var handled in attempt.Catches)
        {
            frame.Locals = tried;
            frame.Merge(before);
            continues |= Run(handled.Block, frame);
            tried = frame.Locals;
        }
        frame.Locals = tried;
        return (attempt.Finally is null || Run(attempt.Finally.Block, frame)) && continues;
    }

    /// <summary>Follows statements that contain a statement, such as loops, <c>using</c> and <c>lock</c>.</summary>
    private bool RunContainer(StatementSyntax statement, FlowFrame frame)
    {
        switch (statement)
        {
            case ForEachStatementSyntax each:
                var items = reader.Expressions.Of(each.Expression, frame);
                var item = reader.ModelOf(each).GetDeclaredSymbol(each);
                Loop(frame, each.Statement, () => items.Sources, () =>
                    frame.Locals = frame.Locals.SetItem(item!, items.Item())); // The loop declares it.
                return true;
            case ForEachVariableStatementSyntax each:
                var tuples = reader.Expressions.Of(each.Expression, frame);
                Loop(
                    frame,
                    each.Statement,
                    () => tuples.Sources,
                    () => reader.Targets.Assign(each.Variable, tuples.Item(), frame));
                return true;
            case ForStatementSyntax counted:
                if (counted.Declaration is { } declared)
                    Declare(declared, frame);
                Loop(frame, counted.Statement, () => SourcesOf(counted.Condition, frame), () => { });
                return true;
            case WhileStatementSyntax repeated:
                Loop(frame, repeated.Statement, () => SourcesOf(repeated.Condition, frame), () => { });
                return true;
            case DoStatementSyntax repeated:
                Loop(frame, repeated.Statement, () => SourcesOf(repeated.Condition, frame), () => { });
                return true;
            case UsingStatementSyntax used:
                if (used.Declaration is { } resource)
                    Declare(resource, frame);
                return Run(used.Statement, frame);
            default:
                // lock, checked, labels …
                return statement.ChildNodes().OfType<StatementSyntax>().All(inner => Run(inner, frame));
        }
    }

    private ImmutableHashSet<FlowSource> SourcesOf(ExpressionSyntax? condition, FlowFrame frame) =>
        condition is null ? ImmutableHashSet<FlowSource>.Empty : reader.Expressions.Of(condition, frame).Sources;

    private void Loop(FlowFrame frame, StatementSyntax body, Func<ImmutableHashSet<FlowSource>> decision, Action begin)
    {
        var guard = frame.Guard;
        for (var round = 0; round < MaxRounds; round++)
        {
            var before = frame.Locals;
            frame.Guard = guard.Union(decision());
            begin();
            Run(body, frame);
            frame.Merge(before);
            if (before.All(local => frame.Locals[local.Key].Equals(local.Value)))
                break;
        }
        frame.Guard = guard;
    }
}
