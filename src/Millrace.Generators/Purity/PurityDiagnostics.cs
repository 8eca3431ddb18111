using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Purity;

/// <summary>The diagnostics about code that runs again on replay, on rebuild or after a conflict.</summary>
internal static class PurityDiagnostics
{
    public static readonly DiagnosticDescriptor SideEffect = Finding.Warning(
        DiagnosticIds.SideEffect,
        "Code that runs again has no external effect",
        "'{0}' {1}, and {2}: do it in a consumer or process that handles the event");

    public static readonly DiagnosticDescriptor Nondeterminism = Finding.Warning(
        DiagnosticIds.Nondeterminism,
        "Code that runs again is deterministic",
        "'{0}' returns a different value each time, and {1}: {2}");

    public static readonly DiagnosticDescriptor StaticState = Finding.Warning(
        DiagnosticIds.StaticState,
        "Code that runs again changes no static state",
        "'{0}' is static and changed here, and {1}: {2}");

    public static readonly DiagnosticDescriptor OutsideCall = Finding.Warning(
        DiagnosticIds.OutsideCall,
        "A command's handler has no external effect",
        "'{0}' {1}. After a conflict the command is handled again, and an external effect is not undone when it fails: "
            + "raise an event, and do it in a process or consumer that handles the event.");
}
