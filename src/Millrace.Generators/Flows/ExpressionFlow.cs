using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>Follows data through expressions.</summary>
internal sealed class ExpressionFlow(FlowReader reader)
{
    public Flow Of(ExpressionSyntax expression, FlowFrame frame)
    {
        if (!reader.Step())
            return Flow.Mixed([Flow.Of(FlowRoot.Event), Flow.Of(FlowRoot.Document)]);
        return expression switch
        {
            ParenthesizedExpressionSyntax inner => Of(inner.Expression, frame),
            CastExpressionSyntax cast => Of(cast.Expression, frame),
            AwaitExpressionSyntax awaited => Of(awaited.Expression, frame),
            RefExpressionSyntax reference => Of(reference.Expression, frame),
            CheckedExpressionSyntax inner => Of(inner.Expression, frame),
            LiteralExpressionSyntax literal => OfLiteral(literal),
            TypeOfExpressionSyntax or SizeOfExpressionSyntax or DefaultExpressionSyntax => Flow.Nothing,
            ThrowExpressionSyntax => Flow.Never,
            ThisExpressionSyntax or BaseExpressionSyntax => frame.This ?? Flow.Nothing,
            SimpleNameSyntax name => OfName(name, frame),
            MemberAccessExpressionSyntax member => OfMember(member, frame),
            MemberBindingExpressionSyntax member => MemberOf(
                frame.Receivers.Peek(), reader.SymbolOf(member), member.Name.Identifier.ValueText),
            ConditionalAccessExpressionSyntax access => OfAccess(access, frame),
            InvocationExpressionSyntax call => reader.Calls.Call(call, frame),
            BaseObjectCreationExpressionSyntax creation => reader.Calls.Make(creation, frame),
            WithExpressionSyntax changed => OfWith(changed, frame),
            AssignmentExpressionSyntax assignment => OfAssignment(assignment, frame),
            ConditionalExpressionSyntax choice => OfChoice(choice, frame),
            SwitchExpressionSyntax choice => OfSwitch(choice, frame),
            IsPatternExpressionSyntax match => reader.Targets.Bind(match.Pattern, Of(match.Expression, frame), frame),
            BinaryExpressionSyntax binary => OfBinary(binary, frame),
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => OfUnary(expression, frame),
            ElementAccessExpressionSyntax item => OfItem(item, frame),
            TupleExpressionSyntax tuple => Flow.OfMembers(tuple.Arguments.Select((argument, index) =>
                new KeyValuePair<string, Flow>($"Item{index + 1}", Of(argument.Expression, frame)))),
            AnonymousFunctionExpressionSyntax function => Flow.Of(new FlowFunction(function, frame)),
            _ => Inside(expression).Select(part => Of(part, frame)).ToList() is { Count: > 0 } parts
                ? Flow.Mixed(parts)
                : Flow.Nothing,
        };
    }

    /// <summary>
    /// Returns the flow of a member of a value. For a calculated member, the flow contains the members that it uses.
    /// </summary>
    public Flow MemberOf(Flow value, ISymbol? member, string name)
    {
        if (member is IFieldSymbol { CorrespondingTupleField.Name: var item })
            return value.Member(item);
        if (member is not IPropertySymbol property)
            return value.Member(name);
        if (property.ContainingType?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return value;
        foreach (var reference in property.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax() is not BasePropertyDeclarationSyntax declared)
                continue;
            SyntaxNode? getter = (declared as PropertyDeclarationSyntax)?.ExpressionBody;
            getter ??= declared.AccessorList?.Accessors.FirstOrDefault(accessor =>
                accessor.IsKind(SyntaxKind.GetAccessorDeclaration));
            if (!property.IsAbstract
                && !property.IsVirtual
                && getter is not null
                && !value.Members.ContainsKey(name)
                && reader.RunCode(property, getter, new FlowFrame(value)) is { } found)
                return found;
        }
        return value.Member(name);
    }

    private static Flow OfLiteral(LiteralExpressionSyntax literal) =>
        literal.IsKind(SyntaxKind.NullLiteralExpression) || literal.IsKind(SyntaxKind.DefaultLiteralExpression)
            ? Flow.Null
            : Flow.Nothing;

    private static IEnumerable<ExpressionSyntax> Inside(SyntaxNode node) =>
        node.DescendantNodes(inner => inner == node || inner is not ExpressionSyntax)
            .OfType<ExpressionSyntax>()
            .Where(part =>
                part
                    is not TypeSyntax
                        or SimpleNameSyntax
                    {
                        Parent: CollectionElementSyntax or InterpolationSyntax or InitializerExpressionSyntax
                    }
            );

    private Flow OfName(SimpleNameSyntax name, FlowFrame frame)
    {
        var symbol = reader.SymbolOf(name);
        if (symbol is not null && frame.Locals.TryGetValue(symbol, out var known))
            return known;
        var isMember =
            symbol is IPropertySymbol { IsStatic: false } or IFieldSymbol { IsStatic: false } or IParameterSymbol;
        return isMember && frame.This is { } own ? MemberOf(own, symbol, name.Identifier.ValueText) : Flow.Nothing;
    }

    private Flow OfMember(MemberAccessExpressionSyntax member, FlowFrame frame)
    {
        if (reader.SymbolOf(member.Expression) is INamespaceOrTypeSymbol)
            return Flow.Nothing;
        var (value, symbol) = (Of(member.Expression, frame), reader.SymbolOf(member));
        return symbol is IMethodSymbol ? value : MemberOf(value, symbol, member.Name.Identifier.ValueText);
    }

    private Flow OfAccess(ConditionalAccessExpressionSyntax access, FlowFrame frame)
    {
        frame.Receivers.Push(Of(access.Expression, frame));
        try
        {
            return Of(access.WhenNotNull, frame);
        }
        finally
        {
            frame.Receivers.Pop();
        }
    }

    private Flow OfWith(WithExpressionSyntax changed, FlowFrame frame)
    {
        var value = Of(changed.Expression, frame);
        foreach (var member in changed.Initializer.Expressions.OfType<AssignmentExpressionSyntax>())
        {
            if (member.Left is SimpleNameSyntax name)
                value = value.With(name.Identifier.ValueText, Of(member.Right, frame));
        }
        return value;
    }

    private Flow OfAssignment(AssignmentExpressionSyntax assignment, FlowFrame frame)
    {
        var assigned = Of(assignment.Right, frame);
        var value = assignment.Kind() switch
        {
            SyntaxKind.SimpleAssignmentExpression => assigned,
            SyntaxKind.CoalesceAssignmentExpression => OrElse(Of(assignment.Left, frame), assigned),
            _ => Flow.Mixed([Of(assignment.Left, frame), assigned]),
        };
        reader.Targets.Assign(assignment.Left, value, frame);
        return value;
    }

    /// <summary>
    /// Returns the flow of the first value, or of the second value if the first is null. The choice adds no conditions,
    /// because it depends only on the first value.
    /// </summary>
    private static Flow OrElse(Flow first, Flow second) =>
        ReferenceEquals(first, Flow.Null) ? second : Flow.Either(first, second, Flow.Nothing.Values);

    private Flow OfChoice(ConditionalExpressionSyntax choice, FlowFrame frame)
    {
        var conditions = Of(choice.Condition, frame).Sources;
        var absence = DocumentNullCheck.Of(choice.Condition, reader, frame);
        var (whenTrue, whenFalse) = (Of(choice.WhenTrue, frame), Of(choice.WhenFalse, frame));
        if (absence == true && ReferenceEquals(whenTrue, Flow.Null))
            return whenFalse;
        return absence == false && ReferenceEquals(whenFalse, Flow.Null)
            ? whenTrue
            : Flow.Either(whenTrue, whenFalse, conditions);
    }

    private Flow OfSwitch(SwitchExpressionSyntax choice, FlowFrame frame)
    {
        var subject = Of(choice.GoverningExpression, frame);
        var isDocument = subject.Values.Contains(new(FlowRoot.Document, null));
        var (result, conditions) = ((Flow?)null, Flow.Nothing.Values);
        foreach (var arm in choice.Arms)
        {
            conditions = conditions.Union(reader.Targets.Bind(arm.Pattern, subject, frame).Sources);
            if (arm.WhenClause is { } when)
                conditions = conditions.Union(Of(when.Condition, frame).Sources);
            var value = Of(arm.Expression, frame);
            var isNull = arm.Pattern is ConstantPatternSyntax { Expression: LiteralExpressionSyntax };
            if (!isDocument || !isNull || !ReferenceEquals(value, Flow.Null))
                result = result is null ? value : Flow.Either(result, value, conditions);
        }
        return result ?? Flow.Nothing;
    }

    private Flow OfBinary(BinaryExpressionSyntax binary, FlowFrame frame)
    {
        var leftFlow = Of(binary.Left, frame);
        return binary.Kind() switch
        {
            SyntaxKind.AsExpression or SyntaxKind.IsExpression => leftFlow,
            SyntaxKind.CoalesceExpression => OrElse(leftFlow, Of(binary.Right, frame)),
            _ => Flow.Mixed([leftFlow, Of(binary.Right, frame)]),
        };
    }

    private Flow OfUnary(ExpressionSyntax expression, FlowFrame frame)
    {
        var operand =
            (expression as PrefixUnaryExpressionSyntax)?.Operand ?? ((PostfixUnaryExpressionSyntax)expression).Operand;
        var value = Of(operand, frame);
        if (expression.IsKind(SyntaxKind.SuppressNullableWarningExpression))
            return value;
        if (expression.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
            or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression)
            reader.Targets.Assign(operand, value, frame);
        return Flow.Mixed([value]);
    }

    private Flow OfItem(ElementAccessExpressionSyntax item, FlowFrame frame)
    {
        var indexes = item.ArgumentList.Arguments.Select(argument => Of(argument.Expression, frame));
        return Of(item.Expression, frame).Item().When(Flow.Mixed(indexes).Sources);
    }
}
