using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about cancellation.</summary>
internal static class CancellationDiagnostics
{
    public static readonly DiagnosticDescriptor NotHandedOn = Finding.Warning(
        DiagnosticIds.TokenNotHandedOn,
        "A cancellation token is handed on",
        "'{0}' could be cancelled, but is not told of '{1}': hand it on");

    public static readonly DiagnosticDescriptor NoToken = Finding.Suggestion(
        DiagnosticIds.NoToken,
        "A handler that waits takes a cancellation token",
        "The handler of '{0}' waits for '{1}', which could be cancelled: take a CancellationToken, and hand it on");
}
