using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Cancellation;

/// <summary>A call that passes no cancellation token to a method that accepts one.</summary>
/// <param name="Parameter">The parameter for the token.</param>
/// <param name="Argument">The current argument, such as <c>default</c>; null if there is none.</param>
internal sealed record CancellableCall(IParameterSymbol Parameter, IArgumentOperation? Argument)
{
    /// <summary>
    /// Finds the missing token of an asynchronous call. Returns null if the call has a token as an argument, or if the
    /// method accepts none.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="types">The types of Millrace.</param>
    /// <param name="includeNeverCancelled">True if a token that is never cancelled, such as <c>default</c>, also counts
    /// as missing.</param>
    public static CancellableCall? Find(IInvocationOperation call, ModelTypes types, bool includeNeverCancelled)
    {
        if (!IsAsynchronous(call.TargetMethod.ReturnType))
            return null;
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is not { } parameter || !types.IsCancellationToken(parameter.Type))
                continue;
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
                return new(parameter, null);
            return includeNeverCancelled && IsNeverCancelled(argument.Value) ? new(parameter, argument) : null;
        }
        return OverloadWithToken(call.TargetMethod, types) is { } other
            ? new(other.Parameters[other.Parameters.Length - 1], null)
            : null;
    }

    /// <summary>
    /// Returns the token parameter of the function around an operation, or of an outer function that it can use.
    /// </summary>
    public static IParameterSymbol? TokenAt(IOperation operation, IMethodSymbol? method, ModelTypes types)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            var function =
                (current as IAnonymousFunctionOperation)?.Symbol ?? (current as ILocalFunctionOperation)?.Symbol;
            if (function is null)
                continue;
            if (function.Parameters.FirstOrDefault(parameter => types.IsCancellationToken(parameter.Type)) is { } token)
                return token;
            if (function.IsStatic)
                return null;
        }
        return method?.Parameters.FirstOrDefault(parameter => types.IsCancellationToken(parameter.Type));
    }

    private static bool IsAsynchronous(ITypeSymbol type) => type.Name is "Task" or "ValueTask" or "IAsyncEnumerable"
        && type.ContainingNamespace?.ToDisplayString() is "System.Threading.Tasks" or "System.Collections.Generic";

    private static bool IsNeverCancelled(IOperation value) => value is IDefaultValueOperation
        or IConversionOperation { Operand: IDefaultValueOperation }
        or IPropertyReferenceOperation { Property: { Name: "None", IsStatic: true } };

    // Returns the overload that has a token as an additional last parameter.
    private static IMethodSymbol? OverloadWithToken(IMethodSymbol method, ModelTypes types) =>
        method
            .ContainingType.GetMembers(method.Name)
            .OfType<IMethodSymbol>()
            .FirstOrDefault(other =>
                other.Parameters.Length == method.Parameters.Length + 1
                && other.IsStatic == method.IsStatic
                && other.Arity == method.Arity
                && other.DeclaredAccessibility >= method.DeclaredAccessibility
                && types.IsCancellationToken(other.Parameters[other.Parameters.Length - 1].Type)
                && method
                    .OriginalDefinition.Parameters.Zip(
                        other.OriginalDefinition.Parameters,
                        (mine, its) =>
                            SymbolEqualityComparer.Default.Equals(mine.Type, its.Type)
                            || (mine.Type is ITypeParameterSymbol && its.Type is ITypeParameterSymbol))
                    .All(isSame => isSame));
}
