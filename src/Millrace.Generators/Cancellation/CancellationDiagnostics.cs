using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Cancellation;

/// <summary>The diagnostics about cancellation.</summary>
internal static class CancellationDiagnostics
{
    public static readonly DiagnosticDescriptor NotPassed = Finding.Warning(
        DiagnosticIds.TokenNotPassed,
        "A cancellation token is passed on",
        "'{0}' accepts a cancellation token, but does not receive '{1}': pass it");

    public static readonly DiagnosticDescriptor NoToken = Finding.Suggestion(
        DiagnosticIds.NoToken,
        "An asynchronous handler takes a cancellation token",
        "The handler of '{0}' awaits '{1}', which accepts a cancellation token: add a CancellationToken parameter, and "
            + "pass it");
}
