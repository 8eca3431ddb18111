using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about processes.</summary>
internal static class ProcessDiagnostics
{
    public static readonly DiagnosticDescriptor Shape = Error(
        DiagnosticIds.ProcessShape,
        "[Process] is for processes",
        "'{0}' is marked [Process] but is none: derive it from Process<TId>");

    public static readonly DiagnosticDescriptor Name = Error(
        DiagnosticIds.ProcessName,
        "The name or the version of a process is not allowed",
        "The process name '{0}' or its version is not allowed: use lower case letters, digits and dashes, and count "
            + "versions from 1"
    );

    public static readonly DiagnosticDescriptor Key = Error(
        DiagnosticIds.ProcessKey,
        "The id of a process has a text of its own",
        "'{0}' cannot be the id of '{1}', because it has no text that identifies its values: use a text, a number, a "
            + "date or a Guid, a type of one value with [Id<Guid>] or [Value<string>], or a type of your own that "
            + "implements IKeyText");

    public static readonly DiagnosticDescriptor Twice = Error(
        DiagnosticIds.ProcessTwice,
        "Two processes have the same name and version",
        "'{0}' and '{1}' are both '{2}' version {3}: give one of them another name or version");

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, "Millrace", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/reference/diagnostics/{id}.md");
}
