using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about code that runs again: on replay, on rebuild, after a conflict.</summary>
internal static class PurityDiagnostics
{
    public static readonly DiagnosticDescriptor SideEffect = Finding.Warning(
        DiagnosticIds.SideEffect,
        "Code that runs again has no effect outside",
        "'{0}' {1}, and {2}: do it in a consumer or process that follows the event");

    public static readonly DiagnosticDescriptor Nondeterminism = Finding.Warning(
        DiagnosticIds.Nondeterminism,
        "Code that runs again gives the same again",
        "'{0}' gives something else each time, and {1}: {2}");

    public static readonly DiagnosticDescriptor StaticState = Finding.Warning(
        DiagnosticIds.StaticState,
        "Code that runs again keeps nothing in static state",
        "'{0}' is static and changed here, and {1}: {2}");

    public static readonly DiagnosticDescriptor OutsideCall = Finding.Warning(
        DiagnosticIds.OutsideCall,
        "A command's handler calls nobody outside",
        "'{0}' {1}. A conflict has the command handled again, and what was done outside is not undone when it is "
            + "refused: raise an event, and do it in a process or consumer that follows the event.");
}
