using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Business;

/// <summary>The diagnostics of business figures.</summary>
internal static class KpiDiagnostics
{
    public static readonly DiagnosticDescriptor Shape = Diagnostics.Error(
        DiagnosticIds.KpiShape,
        "[Kpi] is for a class with Measure methods",
        "'{0}' cannot declare a KPI: {1}");

    public static readonly DiagnosticDescriptor Method = Diagnostics.Error(
        DiagnosticIds.KpiMethod,
        "Measure has a wrong signature",
        "'Measure' of '{0}' must be 'static KpiValue? Measure(TheEvent e)', or return several as "
            + "IEnumerable<KpiValue>, with an optional RecordedEvent as last parameter: {1}");

    public static readonly DiagnosticDescriptor Name = Diagnostics.Error(
        DiagnosticIds.KpiName,
        "The declaration of a KPI is not allowed",
        "The KPI '{0}' is not allowed: {1}");

    public static readonly DiagnosticDescriptor Twice = Diagnostics.Error(
        DiagnosticIds.KpiTwice,
        "Two KPIs have the same name",
        "'{0}' and '{1}' are both the KPI '{2}': give one of them another name");
}
