using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Cbor;

/// <summary>The diagnostics about event formats.</summary>
internal static class FormatDiagnostics
{
    public static readonly DiagnosticDescriptor Unknown = Diagnostics.Of(
        DiagnosticIds.FormatUnknown,
        "An event uses a supported format",
        "'{0}' cannot be written in its format: {1}",
        DiagnosticSeverity.Error);

    public static readonly DiagnosticDescriptor ByConverter = Diagnostics.Of(
        DiagnosticIds.FormatByConverter,
        "A converter of JSON makes CBOR slower",
        "'{0}' is written as CBOR, but '{1}' has a converter that supports only JSON: '{1}' is written as JSON and "
            + "then converted, which takes longer",
        DiagnosticSeverity.Info);
}
