using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Purity;

/// <summary>Finds effects, clocks, randomness and static state in code that runs again.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class PurityAnalyzer : ModelAnalyzer
{
    private static readonly ImmutableArray<OperationKind> Assignments =
    [
        OperationKind.SimpleAssignment,
        OperationKind.CompoundAssignment,
        OperationKind.CoalesceAssignment,
        OperationKind.Increment,
        OperationKind.Decrement,
        OperationKind.DeconstructionAssignment,
    ];

    private static readonly HashSet<string> MutatingMethods = new(StringComparer.Ordinal)
    {
        "Add",
        "AddOrUpdate",
        "AddRange",
        "Clear",
        "Dequeue",
        "Enqueue",
        "GetOrAdd",
        "Insert",
        "Pop",
        "Push",
        "Remove",
        "RemoveAll",
        "TryAdd",
        "TryDequeue",
        "TryRemove",
        "TryUpdate",
    };

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        PurityDiagnostics.SideEffect,
        PurityDiagnostics.Nondeterminism,
        PurityDiagnostics.StaticState,
        PurityDiagnostics.OutsideCall,
    ];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var (reruns, externalTypes) = (new RerunAnalysis(types), new ExternalTypes());
        var indirectEffects = new IndirectEffectFinder(start.Compilation, externalTypes, reruns);
        start.RegisterOperationBlockStartAction(block =>
        {
            var trigger = reruns.Of(block.OwningSymbol);
            if (trigger == RerunTrigger.No)
                return;
            block.RegisterOperationAction(
                context => AnalyzeCall(context, externalTypes, indirectEffects, trigger), OperationKind.Invocation);
            block.RegisterOperationAction(
                context => AnalyzeCreation(context, externalTypes, trigger), OperationKind.ObjectCreation);
            block.RegisterOperationAction(
                context => AnalyzeProperty(context, trigger), OperationKind.PropertyReference);
            if (block.OwningSymbol is IMethodSymbol { MethodKind: not MethodKind.StaticConstructor })
                block.RegisterOperationAction(context => AnalyzeAssignment(context, trigger), Assignments);
            if (trigger == RerunTrigger.OnReplay)
                block.RegisterOperationAction(AnalyzeAwait, OperationKind.Await);
        });
    }

    private static void AnalyzeCall(
        OperationAnalysisContext context,
        ExternalTypes externalTypes,
        IndirectEffectFinder indirectEffects,
        RerunTrigger trigger)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod.ReducedFrom ?? call.TargetMethod;
        var name = $"{method.ContainingType.Name}.{method.Name}";
        if (Nondeterminism.Is(method, trigger))
            ReportNondeterminism(context, call, name, trigger);
        else if (externalTypes.EffectOf(method) is { } description)
            ReportEffect(context, call, name, description, trigger);
        else if (
            indirectEffects.Of(
                method, includeHarmless: trigger != RerunTrigger.OnConflict, context.CancellationToken)
            is { } effect)
            ReportEffect(
                context,
                call,
                name,
                effect.Method == name ? effect.Description : $"calls '{effect.Method}', which {effect.Description}",
                trigger);
        else if (IsMutation(call) && call.Instance is IFieldReferenceOperation { Field: { IsStatic: true } field })
            ReportStatic(context, call, field, trigger);
    }

    private static void AnalyzeCreation(
        OperationAnalysisContext context, ExternalTypes externalTypes, RerunTrigger trigger)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        var name = "new " + creation.Constructor?.ContainingType.Name;
        if (Nondeterminism.IsCreation(creation.Constructor))
            ReportNondeterminism(context, creation, name, trigger);
        else if (externalTypes.EffectOfCreating(creation.Constructor) is { } effect)
            ReportEffect(context, creation, name, effect, trigger);
    }

    private static void AnalyzeProperty(OperationAnalysisContext context, RerunTrigger trigger)
    {
        var read = (IPropertyReferenceOperation)context.Operation;
        if (Nondeterminism.Is(read.Property))
            ReportNondeterminism(context, read, $"{read.Property.ContainingType.Name}.{read.Property.Name}", trigger);
    }

    private static void AnalyzeAssignment(OperationAnalysisContext context, RerunTrigger trigger)
    {
        var target = context.Operation switch
        {
            IAssignmentOperation assignment => assignment.Target,
            IIncrementOrDecrementOperation step => step.Target,
            _ => null,
        };
        foreach (var part in target is ITupleOperation tuple ? tuple.Elements : [target!])
        {
            if (part
                is IMemberReferenceOperation { Member: { IsStatic: true } member }
                    and not IMethodReferenceOperation)
                ReportStatic(context, context.Operation, member, trigger);
        }
    }

    private static void AnalyzeAwait(OperationAnalysisContext context) =>
        ReportEffect(context, context.Operation, "await", "waits for an external operation", RerunTrigger.OnReplay);

    private static bool IsMutation(IInvocationOperation call) => MutatingMethods.Contains(call.TargetMethod.Name)
        && call.Instance?.Type?.ContainingNamespace?.ToDisplayString()
            is "System.Collections.Generic" or "System.Collections.Concurrent";

    private static void ReportEffect(
        OperationAnalysisContext context, IOperation operation, string name, string effect, RerunTrigger trigger)
    {
        if (trigger != RerunTrigger.OnConflict)
        {
            context.ReportDiagnostic(
                Diagnostic.Create(
                    PurityDiagnostics.SideEffect, operation.Syntax.GetLocation(), name, effect, Reason(trigger)));
        }
        else if (!ExternalTypes.IsHarmless(effect))
        {
            context.ReportDiagnostic(
                Diagnostic.Create(PurityDiagnostics.OutsideCall, operation.Syntax.GetLocation(), name, effect));
        }
    }

    private static void ReportNondeterminism(
        OperationAnalysisContext context, IOperation operation, string name, RerunTrigger trigger)
    {
        var fix = trigger switch
        {
            RerunTrigger.OnReplay => "take it from the event, which records it once",
            RerunTrigger.OnDecision => "take it from the command, or from an argument of the handler",
            _ => "use a TimeProvider, or a value of the command",
        };
        context.ReportDiagnostic(
            Diagnostic.Create(
                PurityDiagnostics.Nondeterminism, operation.Syntax.GetLocation(), name, Reason(trigger), fix));
    }

    private static void ReportStatic(
        OperationAnalysisContext context, IOperation operation, ISymbol member, RerunTrigger trigger)
    {
        var fix = trigger == RerunTrigger.OnReplay ? "keep it in the state or the document" : "keep it in an event";
        context.ReportDiagnostic(
            Diagnostic.Create(
                PurityDiagnostics.StaticState, operation.Syntax.GetLocation(), member.Name, Reason(trigger), fix));
    }

    private static string Reason(RerunTrigger trigger) => trigger == RerunTrigger.OnReplay
        ? "this runs again whenever the events are read"
        : "this runs again after a conflict of the command";
}
