using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Folds;

/// <summary>The diagnostics about methods that fold events.</summary>
internal static class FoldDiagnostics
{
    public static readonly DiagnosticDescriptor NoWhen = Finding.Suggestion(
        DiagnosticIds.NoWhen,
        "A raised event changes the state",
        "'{0}' is raised, but '{1}' has no {2} for it: add one, unless the state does not change");

    public static readonly DiagnosticDescriptor WhenNotPrivate = Finding.Warning(
        DiagnosticIds.WhenNotPrivate,
        "When is private",
        "Other code can call this When of '{0}' and change its state without an event: make it private");

    public static readonly DiagnosticDescriptor FoldNotStatic = Finding.Warning(
        DiagnosticIds.FoldNotStatic,
        "Key and Apply are static",
        "'{0}' of '{1}' could use the state of the projection object, which other nodes and rebuilds do not have: make "
            + "it static"
    );

    public static readonly DiagnosticDescriptor Misnamed = Finding.Error(
        DiagnosticIds.FoldMisnamed,
        "A fold has the expected name",
        "'{0}' of '{1}' is never called and does not fold '{2}': name it '{3}', or, if it is not a fold, give it "
            + "another name",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor Extension = Finding.Error(
        DiagnosticIds.FoldExtension,
        "A fold is a method of its class",
        "The extension method '{0}' is never called and does not fold '{1}': write it as '{2}' in '{3}'",
        WellKnownDiagnosticTags.CompilationEnd);
}
