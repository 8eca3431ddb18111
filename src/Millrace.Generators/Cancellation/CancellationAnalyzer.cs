using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Cancellation;

/// <summary>
/// Finds handlers and consumers that do not pass on their cancellation token, and handlers without a token.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class CancellationAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [CancellationDiagnostics.NotPassed, CancellationDiagnostics.NoToken];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var typesWithHandlers = new ConcurrentDictionary<INamedTypeSymbol, bool>(SymbolEqualityComparer.Default);
        start.RegisterOperationBlockStartAction(block =>
        {
            if (block.OwningSymbol is not IMethodSymbol method
                || !typesWithHandlers.GetOrAdd(method.ContainingType, HasHandlers))
                return;
            var isHandler = types.IsCommandHandler(method) || types.IsQueryHandler(method);
            var isReported = 0;
            block.RegisterOperationAction(
                context =>
                {
                    var call = (IInvocationOperation)context.Operation;
                    if (CancellableCall.TokenAt(call, method, types) is { } token)
                        AnalyzeCall(context.ReportDiagnostic, call, token, types);
                    else if (isHandler && CancellableCall.Find(call, types, includeNeverCancelled: true) is not null
                        && Interlocked.Exchange(ref isReported, 1) == 0)
                    {
                        ReportNoToken(context, method, call);
                    }
                },
                OperationKind.Invocation);
        });
        start.RegisterOperationAction(context => AnalyzeConsumer(context, types), OperationKind.DelegateCreation);

        bool HasHandlers(INamedTypeSymbol type) => type.GetMembers("Handle").OfType<IMethodSymbol>()
            .Any(method => types.IsCommandHandler(method) || types.IsQueryHandler(method));
    }

    /// <summary>Analyzes a lambda that is passed to Millrace, such as a consumer's handler.</summary>
    private static void AnalyzeConsumer(OperationAnalysisContext context, ModelTypes types)
    {
        var creation = (IDelegateCreationOperation)context.Operation;
        if (creation.Target is not IAnonymousFunctionOperation function
            || creation.Type?.ContainingNamespace?.Name != "Millrace"
            || function.Symbol.Parameters.FirstOrDefault(parameter => types.IsCancellationToken(parameter.Type)) is null
        )
        {
            return;
        }
        foreach (var call in function.Body.Descendants().OfType<IInvocationOperation>())
        {
            if (CancellableCall.TokenAt(call, null, types) is { } token)
                AnalyzeCall(context.ReportDiagnostic, call, token, types);
        }
    }

    private static void AnalyzeCall(
        Action<Diagnostic> report, IInvocationOperation call, IParameterSymbol token, ModelTypes types)
    {
        if (CancellableCall.Find(call, types, includeNeverCancelled: false) is not { } found)
            return;
        report(Finding.With(
            [token.Name, found.Parameter.Name],
            CancellationDiagnostics.NotPassed,
            call.Syntax.GetLocation(),
            call.TargetMethod.Name,
            token.Name));
    }

    private static void ReportNoToken(
        OperationAnalysisContext context, IMethodSymbol method, IInvocationOperation call) =>
        context.ReportDiagnostic(
            Diagnostic.Create(
                CancellationDiagnostics.NoToken,
                method.Locations[0],
                method.Parameters[0].Type.Name,
                call.TargetMethod.Name));
}
