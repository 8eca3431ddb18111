using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Finds marked and indexed members whose type has so few values that the frequency of a hash reveals
/// its value.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class IndexTypeAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [MarkDiagnostics.IndexOfFewValues];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types) =>
        start.RegisterSymbolAction(
            context =>
            {
                var property = (IPropertySymbol)context.Symbol;
                if (!HasFewValues(property.Type.Underlying())
                    || !MarkParser.IsMarked(property)
                    || !MarkParser.IsIndexed(property))
                    return;
                context.ReportDiagnostic(Diagnostic.Create(
                    MarkDiagnostics.IndexOfFewValues,
                    property.Locations[0],
                    property.Name,
                    property.ContainingType.Name,
                    property.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
            },
            SymbolKind.Property);

    private static bool HasFewValues(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum
        || type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_Byte
            or SpecialType.System_SByte;
}
