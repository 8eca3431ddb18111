using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>Assigns values to locals, members and items. Assignments and patterns have such targets.</summary>
internal sealed class TargetFlow(FlowReader reader)
{
    /// <summary>Assigns a value that also depends on the current conditions.</summary>
    public void Assign(ExpressionSyntax target, Flow value, FlowFrame frame) =>
        Replace(target, value.When(frame.Guard), frame);

    /// <summary>Assigns a value without conditions.</summary>
    public void Replace(ExpressionSyntax target, Flow value, FlowFrame frame)
    {
        switch (target)
        {
            case ParenthesizedExpressionSyntax inner:
                Replace(inner.Expression, value, frame);
                break;
            case PostfixUnaryExpressionSyntax forgiven:
                Replace(forgiven.Operand, value, frame);
                break;
            case DeclarationExpressionSyntax declared:
                Bind(declared.Designation, value, frame);
                break;
            case TupleExpressionSyntax tuple:
                for (var index = 0; index < tuple.Arguments.Count; index++)
                    Replace(tuple.Arguments[index].Expression, PartOf(value, index), frame);
                break;
            case ElementAccessExpressionSyntax item:
                var indexes = item.ArgumentList.Arguments.Select(argument => IndexOf(argument.Expression, frame));
                Replace(
                    item.Expression,
                    Flow.Mixed([reader.Expressions.Of(item.Expression, frame), value, .. indexes]),
                    frame);
                break;
            case MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } own:
                SetMember(own.Name.Identifier.ValueText, value, frame);
                break;
            case MemberAccessExpressionSyntax member
                when reader.SymbolOf(member.Expression) is not INamespaceOrTypeSymbol:
                var container = reader.Expressions.Of(member.Expression, frame);
                Replace(member.Expression, container.With(member.Name.Identifier.ValueText, value), frame);
                break;
            case IdentifierNameSyntax name:
                Set(reader.SymbolOf(name), name.Identifier.ValueText, value, frame);
                break;
        }
    }

    /// <summary>Assigns the variables of a pattern.</summary>
    /// <returns>The flow of the values that the pattern checks.</returns>
    public Flow Bind(PatternSyntax pattern, Flow value, FlowFrame frame)
    {
        switch (pattern)
        {
            case DeclarationPatternSyntax declared:
                Bind(declared.Designation, value, frame);
                return value;
            case VarPatternSyntax named:
                Bind(named.Designation, value, frame);
                return Flow.Nothing;
            case ParenthesizedPatternSyntax inner:
                return Bind(inner.Pattern, value, frame);
            case UnaryPatternSyntax not:
                return Bind(not.Pattern, value, frame);
            case BinaryPatternSyntax both:
                return Flow.Mixed([Bind(both.Left, value, frame), Bind(both.Right, value, frame)]);
            case ListPatternSyntax list:
                return Flow.Mixed([value, .. list.Patterns.Select(part => Bind(part, value.Item(), frame))]);
            case RecursivePatternSyntax recursive:
                return BindParts(recursive, value, frame);
            default:
                return value;
        }
    }

    private Flow BindParts(RecursivePatternSyntax pattern, Flow value, FlowFrame frame)
    {
        if (pattern.Designation is { } designation)
            Bind(designation, value, frame);
        var parts = new List<Flow>();
        foreach (var part in pattern.PositionalPatternClause?.Subpatterns ?? default)
            parts.Add(Bind(part.Pattern, PartOf(value, parts.Count), frame));
        foreach (var part in pattern.PropertyPatternClause?.Subpatterns ?? default)
        {
            var path = part.ExpressionColon?.Expression ?? part.NameColon?.Name;
            parts.Add(Bind(part.Pattern, path is null ? value : Follow(path, value), frame));
        }
        return parts.Count == 0 ? value : Flow.Mixed(parts);
    }

    /// <summary>Returns the flow of a member, or of a nested member, of a value.</summary>
    private Flow Follow(ExpressionSyntax path, Flow value) =>
        path switch
        {
            MemberAccessExpressionSyntax member => reader.Expressions.MemberOf(
                Follow(member.Expression, value), reader.SymbolOf(member.Name), member.Name.Identifier.ValueText),
            IdentifierNameSyntax name => reader.Expressions.MemberOf(
                value, reader.SymbolOf(name), name.Identifier.ValueText),
            _ => value,
        };

    private void Bind(VariableDesignationSyntax designation, Flow value, FlowFrame frame)
    {
        if (designation is ParenthesizedVariableDesignationSyntax tuple)
        {
            for (var index = 0; index < tuple.Variables.Count; index++)
                Bind(tuple.Variables[index], PartOf(value, index), frame);
        }
        else if (designation is SingleVariableDesignationSyntax one
            && reader.ModelOf(one).GetDeclaredSymbol(one) is { } local)
            frame.Locals = frame.Locals.SetItem(local, value);
    }

    /// <summary>
    /// Returns the flow of a part of a tuple. For a tuple from external code, returns the flow of an item.
    /// </summary>
    private static Flow PartOf(Flow value, int index) =>
        value.Members.TryGetValue($"Item{index + 1}", out var part) ? part : value.Item();

    /// <summary>
    /// Returns the flow of an index. A number only selects the item. Any other value is a key, which is stored with the
    /// item.
    /// </summary>
    private Flow IndexOf(ExpressionSyntax index, FlowFrame frame)
    {
        var flow = reader.Expressions.Of(index, frame);
        var isIndex =
            reader.ModelOf(index).GetTypeInfo(index).Type
            is { SpecialType: SpecialType.System_Int32 }
                or { Name: "Index" };
        return isIndex ? Flow.Nothing.When(flow.Sources) : flow;
    }

    private static void Set(ISymbol? symbol, string name, Flow value, FlowFrame frame)
    {
        if (symbol is ILocalSymbol or IParameterSymbol)
            frame.Locals = frame.Locals.SetItem(symbol, value);
        else if (symbol is IPropertySymbol { IsStatic: false } or IFieldSymbol { IsStatic: false })
            SetMember(name, value, frame);
    }

    private static void SetMember(string name, Flow value, FlowFrame frame) =>
        frame.This = (frame.This ?? Flow.Nothing).With(name, value);
}
