using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Millrace.Generators.Specifications;

/// <summary>
/// A statement that adds a step to a specification in a variable: <c>lamp.Given(lit);</c>. Each step returns the
/// specification itself, so ignoring the result loses nothing.
/// </summary>
internal static class SpecificationStatement
{
    /// <summary>Returns true if the chain of calls starts at a variable that is used elsewhere.</summary>
    public static bool IsChained(IOperation chain)
    {
        var kept = RootOf(chain);
        if (!SymbolEqualityComparer.Default.Equals(kept.Type, chain.Type))
            return false;
        if (kept is not ILocalReferenceOperation here)
            return kept is IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation;
        var all = BodyOf(chain).Descendants().OfType<ILocalReferenceOperation>()
            .Where(one => SymbolEqualityComparer.Default.Equals(one.Local, here.Local)).ToList();
        // When only steps are added, the last one is reported.
        return all.Exists(one => !IsDiscarded(one)) || all.Exists(one => one.Syntax.SpanStart > here.Syntax.SpanStart);
    }

    private static IOperation RootOf(IOperation chain)
    {
        while (chain is IInvocationOperation { Instance: { } instance })
            chain = instance;
        return chain;
    }

    /// <summary>Returns true if every use in this method only adds a step.</summary>
    private static bool IsDiscarded(IOperation kept)
    {
        var chain = kept;
        while (chain.Parent is IInvocationOperation call && call.Instance == chain)
            chain = call;
        return chain.Parent is IExpressionStatementOperation
            && SymbolEqualityComparer.Default.Equals(chain.Type, kept.Type);
    }

    private static IOperation BodyOf(IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;
        return operation;
    }
}
