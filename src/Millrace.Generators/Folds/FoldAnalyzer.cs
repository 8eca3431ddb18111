using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Folds;

/// <summary>Finds events without a fold, folds that are not private, and folds that are not static.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class FoldAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [FoldDiagnostics.NoWhen, FoldDiagnostics.WhenNotPrivate, FoldDiagnostics.FoldNotStatic];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        start.RegisterSymbolAction(context => AnalyzeMethod(context, types), SymbolKind.Method);
        start.RegisterOperationBlockStartAction(block =>
        {
            var type = block.OwningSymbol.ContainingType;
            if (types.IsAggregate(type) && !HasHandwrittenEvolve(type))
                block.RegisterOperationAction(context => AnalyzeRaise(context, type, types), OperationKind.Invocation);
            else if (block.OwningSymbol is IMethodSymbol method && types.IsDecide(method))
                block.RegisterOperationAction(
                    context => AnalyzeDecidedEvents(context, type, types), OperationKind.ObjectCreation);
        });
    }

    private static void AnalyzeMethod(SymbolAnalysisContext context, ModelTypes types)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (method.MethodKind != MethodKind.Ordinary)
            return;
        var isVisible = method.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal;
        if (isVisible
            && method is { Name: "When", IsStatic: false, IsOverride: false }
            && types.IsAggregate(method.ContainingType)
            && method.Parameters is [{ Type: var parameterType }]
            && types.IsEvent(parameterType))
        {
            context.ReportDiagnostic(
                Diagnostic.Create(FoldDiagnostics.WhenNotPrivate, method.Locations[0], method.ContainingType.Name));
        }
        if (method is { Name: "Key" or "Apply", IsStatic: false, IsOverride: false }
            && types.IsProjection(method.ContainingType)
            && method.Parameters.Any(parameter => types.IsEvent(parameter.Type)))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                FoldDiagnostics.FoldNotStatic, method.Locations[0], method.Name, method.ContainingType.Name));
        }
    }

    private static void AnalyzeRaise(OperationAnalysisContext context, INamedTypeSymbol type, ModelTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is not { Name: "Raise", Parameters.Length: 1 }
            || call.Arguments is not [{ Value: var value }])
            return;
        var raised = value is IConversionOperation { IsImplicit: true, Operand: var inner } ? inner.Type : value.Type;
        AnalyzeFolds(context, value, raised, "When", type, types);
    }

    private static void AnalyzeDecidedEvents(OperationAnalysisContext context, INamedTypeSymbol type, ModelTypes types)
    {
        AnalyzeFolds(context, context.Operation, context.Operation.Type, "Evolve", type, types);
    }

    private static void AnalyzeFolds(
        OperationAnalysisContext context,
        IOperation operation,
        ITypeSymbol? eventType,
        string method,
        INamedTypeSymbol type,
        ModelTypes types)
    {
        if (type.IsAbstract && !type.IsStatic)
            return; // A derived class may fold the event.
        if (eventType is null || !types.IsEvent(eventType) || Folds(type, method, eventType))
            return;
        context.ReportDiagnostic(
            Finding.With(
                [eventType.DefinitionName()],
                FoldDiagnostics.NoWhen,
                operation.Syntax.GetLocation(),
                eventType.Name,
                type.Name,
                method));
    }

    private static bool Folds(INamedTypeSymbol type, string name, ITypeSymbol @event)
    {
        for (INamedTypeSymbol? level = type; level is not null; level = level.BaseType)
        {
            if (level.GetMembers(name).OfType<IMethodSymbol>().Any(method =>
                method.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, @event))))
                return true;
        }
        return false;
    }

    // Generated code is in a separate file.
    private static bool HasHandwrittenEvolve(INamedTypeSymbol type) => type.GetMembers("Evolve").OfType<IMethodSymbol>()
        .Any(method => method.IsOverride && method.Locations.Any(location => location.SourceTree is { } tree
            && !tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)));
}
