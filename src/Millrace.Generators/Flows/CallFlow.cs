using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>
/// Follows data through calls of methods whose source is available. For other methods, it assumes that the result
/// depends on all arguments.
/// </summary>
internal sealed class CallFlow(FlowReader reader)
{
    public Flow Call(InvocationExpressionSyntax call, FlowFrame frame)
    {
        if (call.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" })
            return Flow.Nothing;
        var method = reader.SymbolOf(call) as IMethodSymbol;
        var arguments = Evaluate(call.ArgumentList, frame);
        var isFunction = method is null or { MethodKind: MethodKind.DelegateInvoke };
        if (isFunction && reader.Expressions.Of(call.Expression, frame) is { Function: { } function })
            return RunFunction(function, [.. arguments.Select(argument => argument.Flow)]);
        var (receiver, target) = ReceiverOf(call, method, frame);
        return method is not null
            && HasSource(method)
            && RunMethod(method, receiver, target, arguments, frame) is { } found
            ? found
            : FlowThroughExternalCall(call, method, receiver, target, arguments, frame);
    }

    public Flow Make(BaseObjectCreationExpressionSyntax creation, FlowFrame frame)
    {
        var constructor = reader.SymbolOf(creation) as IMethodSymbol;
        var arguments = Evaluate(creation.ArgumentList, frame);
        // If the constructor is not generated yet, the compiler finds another constructor with fewer parameters.
        var isExpected = constructor is not null
            && (arguments.Count <= constructor.Parameters.Length
                || constructor.Parameters.Any(parameter => parameter.IsParams));
        var value =
            isExpected && new ObjectFlow(reader).Make(constructor!, FlowsOf(constructor!, null, arguments)) is { } known
                ? known
                : Flow.Mixed(arguments.Select(argument => argument.Flow));
        foreach (var item in creation.Initializer?.Expressions ?? default)
        {
            value = item is AssignmentExpressionSyntax { Left: SimpleNameSyntax name } member
                ? value.With(name.Identifier.ValueText, reader.Expressions.Of(member.Right, frame))
                : Flow.Mixed([value, reader.Expressions.Of(item, frame)]);
        }
        return value;
    }

    private List<(ArgumentSyntax Syntax, Flow Flow)> Evaluate(ArgumentListSyntax? list, FlowFrame frame) =>
        [
            .. (list?.Arguments ?? default).Select(argument =>
                (argument, reader.Expressions.Of(argument.Expression, frame))),
        ];

    private (Flow? Receiver, ExpressionSyntax? Target) ReceiverOf(
        InvocationExpressionSyntax call, IMethodSymbol? method, FlowFrame frame) => call.Expression switch
        {
            MemberAccessExpressionSyntax member when reader.SymbolOf(member.Expression) is INamespaceOrTypeSymbol => (
                null, null),
            MemberAccessExpressionSyntax member => (reader.Expressions.Of(member.Expression, frame), member.Expression),
            MemberBindingExpressionSyntax => (frame.Receivers.Peek(), null),
            SimpleNameSyntax when method is { IsStatic: false, MethodKind: not MethodKind.LocalFunction } => (
                frame.This, null),
            _ => (null, null),
        };

    /// <summary>
    /// Returns true if the source of the called method is available: it is in this assembly, and no derived class can
    /// override it.
    /// </summary>
    private static bool HasSource(IMethodSymbol method)
    {
        var isOverridable =
            (method.IsVirtual || method.IsOverride) && !method.IsSealed && !method.ContainingType.IsSealed;
        var hasBody = !method.IsAbstract && method.ContainingType?.TypeKind != TypeKind.Interface;
        return hasBody && !isOverridable && !method.DeclaringSyntaxReferences.IsEmpty;
    }

    private Flow? RunMethod(
        IMethodSymbol method,
        Flow? receiver,
        ExpressionSyntax? target,
        List<(ArgumentSyntax Syntax, Flow Flow)> arguments,
        FlowFrame frame)
    {
        var definition = (method.ReducedFrom ?? method).OriginalDefinition;
        var isExtension = method.ReducedFrom is not null;
        var inner =
            method.MethodKind == MethodKind.LocalFunction
                ? frame.Inner()
                : new FlowFrame(isExtension ? null : receiver);
        foreach (var argument in FlowsOf(definition, isExtension ? receiver : null, arguments))
            inner.Locals = inner.Locals.SetItem(argument.Key, argument.Value);
        if (reader.Run(definition, inner) is not { } result)
            return null;
        if (target is not null
            && !isExtension
            && inner.This is { } changed
            && receiver is not null
            && !changed.Equals(receiver))
            reader.Targets.Replace(target, Flow.Either(receiver, changed, frame.Guard), frame);
        foreach (var (syntax, _) in arguments.Where(argument => argument.Syntax.RefKindKeyword.Text is "out" or "ref"))
        {
            var outParameter = ParameterOf(
                definition, syntax, arguments.FindIndex(argument => argument.Syntax == syntax) + (isExtension ? 1 : 0));
            if (outParameter is not null && inner.Locals.TryGetValue(outParameter, out var assigned))
                reader.Targets.Assign(syntax.Expression, assigned, frame);
        }
        return result;
    }

    /// <summary>Returns, for each parameter, the flow of its argument.</summary>
    private static Dictionary<ISymbol, Flow> FlowsOf(
        IMethodSymbol method, Flow? receiver, List<(ArgumentSyntax Syntax, Flow Flow)> arguments)
    {
        var flows = new Dictionary<ISymbol, Flow>(SymbolEqualityComparer.Default);
        var first = receiver is null ? 0 : 1;
        if (receiver is not null && method.Parameters.Length > 0)
            flows[method.Parameters[0]] = receiver;
        for (var index = 0; index < arguments.Count; index++)
        {
            if (ParameterOf(method, arguments[index].Syntax, index + first) is not { } parameter)
                continue;
            var hasEarlier = flows.TryGetValue(parameter, out var earlier);
            // The dictionary contains the value if hasEarlier is true.
            flows[parameter] = hasEarlier ? Flow.Mixed([earlier!, arguments[index].Flow]) : arguments[index].Flow;
        }
        foreach (var parameter in method.Parameters)
        {
            if (!flows.ContainsKey(parameter))
                flows[parameter] = Flow.Nothing;
        }
        return flows;
    }

    private static IParameterSymbol? ParameterOf(IMethodSymbol method, ArgumentSyntax argument, int position) =>
        argument.NameColon is { Name.Identifier.ValueText: var name }
            ? method.Parameters.FirstOrDefault(parameter => parameter.Name == name)
            : position < method.Parameters.Length ? method.Parameters[position]
            : method.Parameters.LastOrDefault(parameter => parameter.IsParams);

    private Flow FlowThroughExternalCall(
        InvocationExpressionSyntax call,
        IMethodSymbol? method,
        Flow? receiver,
        ExpressionSyntax? target,
        List<(ArgumentSyntax Syntax, Flow Flow)> arguments,
        FlowFrame frame)
    {
        List<Flow> data =
        [
            .. receiver is null ? [] : (Flow[])[receiver],
            .. arguments.Select(argument => argument.Flow).Where(IsData),
        ];
        var items = Flow.Mixed(data).Item();
        foreach (var function in arguments.Select(argument => argument.Flow.Function).OfType<FlowFunction>())
        {
            var output = RunFunction(function, [items, items]);
            data.Add(IsFilter(function) ? Flow.Nothing.When(output.Sources) : output);
        }
        var result = Flow.Mixed(data);
        var isUnused = IsUnused(call);
        if (target is not null
            && arguments.Count > 0
            && (isUnused || method?.Name.StartsWith("Add", StringComparison.Ordinal) == true))
            reader.Targets.Assign(target, result, frame);
        foreach (var (syntax, _) in arguments)
        {
            if (MayChange(syntax, isUnused && receiver is null))
                reader.Targets.Assign(syntax.Expression, result, frame);
        }
        return result;
    }

    /// <summary>Returns true if a call of external code can change an argument.</summary>
    private bool MayChange(ArgumentSyntax argument, bool isStatement) => argument.RefKindKeyword.Text is "out" or "ref"
        || (isStatement && argument.Expression is IdentifierNameSyntax)
        || (
            argument.Expression is IdentifierNameSyntax or ElementAccessExpressionSyntax
            && IsBuffer(argument.Expression));

    private bool IsBuffer(ExpressionSyntax argument) =>
        reader.ModelOf(argument).GetTypeInfo(argument).Type
            is IArrayTypeSymbol
                or { Name: "Span" or "Memory" or "StringBuilder" };

    private static bool IsData(Flow flow) => flow.Function is null;

    /// <summary>Returns true if the result of a call is not used. The method is then called for its effect.</summary>
    private static bool IsUnused(SyntaxNode call)
    {
        while (call.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax outer })
            call = outer;
        return call.Parent is ExpressionStatementSyntax;
    }

    /// <summary>
    /// Returns true if a function returns a bool. Such a function is a filter, whose result selects data.
    /// </summary>
    private bool IsFilter(FlowFunction function) =>
        IsBoolean((reader.SymbolOf(function.Code) as IMethodSymbol)?.ReturnType)
        || (function.Code.ExpressionBody is { } body && IsBoolean(reader.ModelOf(body).GetTypeInfo(body).Type));

    private static bool IsBoolean(ITypeSymbol? type) => type is { SpecialType: SpecialType.System_Boolean };

    private Flow RunFunction(FlowFunction function, IReadOnlyList<Flow> arguments)
    {
        var inner = function.Scope.Inner();
        var parameters = function.Code switch
        {
            SimpleLambdaExpressionSyntax simple => [simple.Parameter],
            ParenthesizedLambdaExpressionSyntax parenthesized => parenthesized.ParameterList.Parameters.ToArray(),
            AnonymousMethodExpressionSyntax method => method.ParameterList?.Parameters.ToArray() ?? [],
            _ => [],
        };
        for (var index = 0; index < parameters.Length; index++)
        {
            if (reader.ModelOf(function.Code).GetDeclaredSymbol(parameters[index]) is { } parameter)
                inner.Locals = inner.Locals.SetItem(
                    parameter, index < arguments.Count ? arguments[index] : Flow.Mixed(arguments));
        }
        var result = reader.SymbolOf(function.Code) is { } symbol ? reader.RunCode(symbol, function.Code, inner) : null;
        var scope = function.Scope;
        scope.Merge(inner.Locals.RemoveRange(inner.Locals.Keys.Where(local => !scope.Locals.ContainsKey(local))));
        return result ?? Flow.Mixed(arguments);
    }
}
