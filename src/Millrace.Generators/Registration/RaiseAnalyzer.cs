using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Registration;

/// <summary>Finds raised objects that are not events, when their type is known and declared in this assembly.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class RaiseAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [MembershipDiagnostics.RaiseNoEvent];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        if (!ModelMembers.HasModel(start.Compilation, start.CancellationToken))
            return; // The model is hand-written.
        start.RegisterOperationAction(
            context =>
            {
                var call = (IInvocationOperation)context.Operation;
                var isRaise =
                    call.TargetMethod.Name == "Raise"
                    && call.TargetMethod.ContainingType.Is(MetadataNames.AnyAggregate);
                if (!isRaise
                    || Raised(call) is not { } raised
                    || types.IsEvent(raised)
                    || !CanBeChecked(raised, context.Compilation))
                    return;
                context.ReportDiagnostic(Diagnostic.Create(
                    MembershipDiagnostics.RaiseNoEvent,
                    call.Arguments[0].Syntax.GetLocation(),
                    context.ContainingSymbol.ContainingType.Name,
                    raised.Display()));
            },
            OperationKind.Invocation);
    }

    private static ITypeSymbol? Raised(IInvocationOperation call)
    {
        var value = call.Arguments.Length == 1 ? call.Arguments[0].Value : null;
        return value is IConversionOperation { IsImplicit: true } conversion ? conversion.Operand.Type : value?.Type;
    }

    /// <summary>
    /// Returns true if a value has exactly this type, and no other assembly of the user declares the type. Another
    /// assembly may register its types by hand.
    /// </summary>
    private static bool CanBeChecked(ITypeSymbol type, Compilation compilation) =>
        type is { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Enum, IsAbstract: false }
        && type.SpecialType != SpecialType.System_Object
        && (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)
            || type.ContainingNamespace?.ToDisplayString().Split('.')[0] == "System");
}
