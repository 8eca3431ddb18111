using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Finds marked values that become a document key, a claim or a tag, which are stored plain.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class PlainUseAnalyzer : ModelAnalyzer
{
    private const string UseHash =
        "use an id, or a keyed hash of the value, which claims of a scope contain after ProtectClaims";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MarkDiagnostics.StoredPlain];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var scopes = new ProtectedScopes(start.Compilation, start.CancellationToken);
        start.RegisterOperationAction(
            context =>
            {
                var reference = (IPropertyReferenceOperation)context.Operation;
                if (!MarkParser.IsMarked(reference.Property)
                    || UseOf(reference, context.ContainingSymbol, types, scopes) is not { } use)
                    return;
                var (property, mark) = (reference.Property, MarkParser.Parse(reference.Property)!); // It is marked.
                context.ReportDiagnostic(Diagnostic.Create(
                    MarkDiagnostics.StoredPlain,
                    reference.Syntax.GetLocation(),
                    property.Name,
                    property.ContainingType.Name,
                    MarkResolver.AttributeOf(mark),
                    use,
                    UseHash));
            },
            OperationKind.PropertyReference);
    }

    /// <summary>
    /// Returns the plain use of a value, or null if the value is only compared or passed to other code.
    /// </summary>
    private static string? UseOf(IOperation value, ISymbol method, ModelTypes types, ProtectedScopes scopes)
    {
        for (var (inner, outer) = (value, value.Parent); outer is not null; (inner, outer) = (outer, outer.Parent))
        {
            switch (outer)
            {
                case IReturnOperation:
                    return method is IMethodSymbol { Name: "Key" } key && types.IsProjection(key.ContainingType)
                        ? $"it becomes the key of a document of '{key.ContainingType.Name}'"
                        : null;
                case IConditionalOperation conditional when conditional.Condition == inner:
                case IBinaryOperation { Type.SpecialType: SpecialType.System_Boolean }:
                case IIsPatternOperation:
                case IAnonymousFunctionOperation:
                    return null;
                case IInvocationOperation call when Store(call.TargetMethod.ContainingType) is { } store:
                    return scopes.Contain(call) ? null : store;
                case IObjectCreationOperation creation when Store(creation.Type) is { } store:
                    return store;
                case IInvocationOperation call when !KeepsText(call.TargetMethod):
                    return null; // The method may return a hash of the value.
            }
        }
        return null;
    }

    private static string? Store(ITypeSymbol? type) =>
        type.Is(MetadataNames.Claim) ? "it becomes a claim"
        : type.Is(MetadataNames.TagType) ? "it becomes a tag"
        : null;

    private static bool KeepsText(IMethodSymbol method) =>
        method.Name == "ToString" || method.ContainingType.SpecialType == SpecialType.System_String;
}
