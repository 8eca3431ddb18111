using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about methods that fold events.</summary>
internal static class FoldDiagnostics
{
    public static readonly DiagnosticDescriptor NoWhen = Finding.Suggestion(
        DiagnosticIds.NoWhen,
        "An event that is raised changes the state",
        "'{0}' is raised, but '{1}' has no {2} for it: add one, unless the state really stays as it is");

    public static readonly DiagnosticDescriptor WhenNotPrivate = Finding.Warning(
        DiagnosticIds.WhenNotPrivate,
        "When is private",
        "Anybody can call this When of '{0}', and change its state without an event: make it private");

    public static readonly DiagnosticDescriptor FoldNotStatic = Finding.Warning(
        DiagnosticIds.FoldNotStatic,
        "Key and Apply are static",
        "'{0}' of '{1}' could use what the projection keeps in itself, which no other node and no rebuild has: make it "
            + "static"
    );

    public static readonly DiagnosticDescriptor Misnamed = Finding.Error(
        DiagnosticIds.FoldMisnamed,
        "A fold has the name that is called",
        "'{0}' of '{1}' is never called and does not fold '{2}': name it '{3}', or, if it is no fold, give it another "
            + "name",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor Extension = Finding.Error(
        DiagnosticIds.FoldExtension,
        "A fold is a method of its class",
        "The extension method '{0}' is never called and does not fold '{1}': write it as '{2}' in '{3}'",
        WellKnownDiagnosticTags.CompilationEnd);
}
