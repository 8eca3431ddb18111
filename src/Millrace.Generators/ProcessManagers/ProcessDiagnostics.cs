using Microsoft.CodeAnalysis;

namespace Millrace.Generators.ProcessManagers;

/// <summary>The diagnostics about processes.</summary>
internal static class ProcessDiagnostics
{
    public static readonly DiagnosticDescriptor Shape = Diagnostics.Error(
        DiagnosticIds.ProcessShape,
        "[Process] is for processes",
        "'{0}' is marked [Process] but is not a process: derive it from Process<TId>");

    public static readonly DiagnosticDescriptor Name = Diagnostics.Error(
        DiagnosticIds.ProcessName,
        "The name or the version of a process is not allowed",
        "The process name '{0}' or its version is not allowed: use lower case letters, digits and dashes, and a "
            + "version from 1");

    public static readonly DiagnosticDescriptor Key = Diagnostics.Error(
        DiagnosticIds.ProcessKey,
        "The id of a process has a text form",
        "'{0}' cannot be the id of '{1}', because it has no text form that identifies its values: use a string, a "
            + "number, a date or a Guid, a type with [Id<Guid>] or [Value<string>], or your own type that implements "
            + "IKeyText");

    public static readonly DiagnosticDescriptor Twice = Diagnostics.Error(
        DiagnosticIds.ProcessTwice,
        "Two processes have the same name and version",
        "'{0}' and '{1}' are both '{2}' version {3}: change the name or version of one of them");
}
