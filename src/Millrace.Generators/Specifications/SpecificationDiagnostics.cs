using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Specifications;

/// <summary>The diagnostics about tests that cannot fail.</summary>
internal static class SpecificationDiagnostics
{
    public static readonly DiagnosticDescriptor ExpectsNothing = Finding.Warning(
        DiagnosticIds.ExpectsNothing,
        "A specification has an expectation",
        "'{0}' has no expectation, so this test always passes: continue with {1}");

    public static readonly DiagnosticDescriptor NotRun = Finding.Warning(
        DiagnosticIds.SpecificationNotRun,
        "A specification of a host or a process is awaited",
        "This specification is not awaited, so this test always passes: await it");
}
