using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about tests that cannot fail.</summary>
internal static class SpecificationDiagnostics
{
    public static readonly DiagnosticDescriptor ExpectsNothing = Finding.Warning(
        DiagnosticIds.ExpectsNothing,
        "A specification expects something",
        "Nothing is expected of '{0}', so that this test passes whatever happens: go on with {1}");

    public static readonly DiagnosticDescriptor NotRun = Finding.Warning(
        DiagnosticIds.SpecificationNotRun,
        "A specification of a host or a process is awaited",
        "Nobody awaits this specification, so that this test passes whatever happens: await it");
}
