using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Millrace.Generators;

/// <summary>
/// A specification that was kept, to which a statement adds: <c>lamp.Given(lit);</c>. Each step returns the
/// specification itself, so that nothing is lost when what a statement returns is let go.
/// </summary>
internal static class SpecificationStatement
{
    /// <summary>Whether the chain of calls begins at a kept one that is needed elsewhere.</summary>
    public static bool IsChained(IOperation chain)
    {
        var kept = RootOf(chain);
        if (!SymbolEqualityComparer.Default.Equals(kept.Type, chain.Type))
            return false;
        if (kept is not ILocalReferenceOperation here)
            return kept is IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation;
        var all = BodyOf(chain).Descendants().OfType<ILocalReferenceOperation>()
            .Where(one => SymbolEqualityComparer.Default.Equals(one.Local, here.Local)).ToList();
        // Where nothing but steps is added, the last of them is told.
        return all.Exists(one => !IsDiscarded(one)) || all.Exists(one => one.Syntax.SpanStart > here.Syntax.SpanStart);
    }

    private static IOperation RootOf(IOperation chain)
    {
        while (chain is IInvocationOperation { Instance: { } instance })
            chain = instance;
        return chain;
    }

    /// <summary>Whether all that is done with it here is another step.</summary>
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
