using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Millrace.Generators.Specifications;

/// <summary>
/// Recognizes a statement that adds a step to a specification in a variable, such as <c>lamp.Given(lit);</c>. Each step
/// returns the specification itself, so ignoring the result loses nothing.
/// </summary>
internal static class SpecificationStatement
{
    /// <summary>Returns true if the chain of calls starts at a variable that is used elsewhere.</summary>
    public static bool IsChained(IOperation chain)
    {
        var root = RootOf(chain);
        if (!SymbolEqualityComparer.Default.Equals(root.Type, chain.Type))
            return false;
        if (root is not ILocalReferenceOperation local)
            return root is IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation;
        var all = BodyOf(chain).Descendants().OfType<ILocalReferenceOperation>()
            .Where(use => SymbolEqualityComparer.Default.Equals(use.Local, local.Local)).ToList();
        // If all uses only add steps, the last step is reported.
        return all.Exists(use => !IsDiscarded(use)) || all.Exists(use => use.Syntax.SpanStart > local.Syntax.SpanStart);
    }

    private static IOperation RootOf(IOperation chain)
    {
        while (chain is IInvocationOperation { Instance: { } instance })
            chain = instance;
        return chain;
    }

    /// <summary>Returns true if a use of the variable only adds a step.</summary>
    private static bool IsDiscarded(IOperation root)
    {
        var chain = root;
        while (chain.Parent is IInvocationOperation call && call.Instance == chain)
            chain = call;
        return chain.Parent is IExpressionStatementOperation
            && SymbolEqualityComparer.Default.Equals(chain.Type, root.Type);
    }

    private static IOperation BodyOf(IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;
        return operation;
    }
}
