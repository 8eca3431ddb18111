using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Folds;

/// <summary>The diagnostics of folds that are not called.</summary>
internal static class InheritedFoldDiagnostics
{
    public static readonly DiagnosticDescriptor Overlooked = Diagnostics.Error(
        DiagnosticIds.FoldOverlooked,
        "A fold is called",
        "'{0}' of '{1}' is never called: {2}");

    public static readonly DiagnosticDescriptor HandlerGeneric = Diagnostics.Error(
        DiagnosticIds.HandlerGeneric,
        "A handler is not generic",
        "The handler of '{0}' cannot be called, because it or a type around it is generic, or it is abstract or "
            + "virtual: write a static method for each message");
}
