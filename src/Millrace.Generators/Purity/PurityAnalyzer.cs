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

    private static readonly HashSet<string> Changes = new(StringComparer.Ordinal)
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
        var (map, world) = (new RerunAnalysis(types), new ExternalTypes());
        var hidden = new IndirectEffectFinder(start.Compilation, world, map);
        start.RegisterOperationBlockStartAction(block =>
        {
            var when = map.Of(block.OwningSymbol);
            if (when == RerunTrigger.No)
                return;
            block.RegisterOperationAction(
                context => AnalyzeCall(context, world, hidden, when), OperationKind.Invocation);
            block.RegisterOperationAction(
                context => AnalyzeCreation(context, world, when), OperationKind.ObjectCreation);
            block.RegisterOperationAction(context => AnalyzeProperty(context, when), OperationKind.PropertyReference);
            if (block.OwningSymbol is IMethodSymbol { MethodKind: not MethodKind.StaticConstructor })
                block.RegisterOperationAction(context => AnalyzeAssignment(context, when), Assignments);
            if (when == RerunTrigger.OnReplay)
                block.RegisterOperationAction(AnalyzeAwait, OperationKind.Await);
        });
    }

    private static void AnalyzeCall(
        OperationAnalysisContext context, ExternalTypes world, IndirectEffectFinder hidden, RerunTrigger when)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod.ReducedFrom ?? call.TargetMethod;
        var name = $"{method.ContainingType.Name}.{method.Name}";
        if (Nondeterminism.Is(method, when))
            ReportUnsteady(context, call, name, when);
        else if (world.Does(method) is { } does)
            ReportEffect(context, call, name, does, when);
        else if (
            hidden.Of(method, evenHarmless: when != RerunTrigger.OnConflict, context.CancellationToken) is { } effect)
            ReportEffect(
                context,
                call,
                name,
                effect.Method == name ? effect.Description : $"calls '{effect.Method}', which {effect.Description}",
                when);
        else if (IsChangeOf(call) && call.Instance is IFieldReferenceOperation { Field: { IsStatic: true } field })
            ReportStatic(context, call, field, when);
    }

    private static void AnalyzeCreation(OperationAnalysisContext context, ExternalTypes world, RerunTrigger when)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        var name = "new " + creation.Constructor?.ContainingType.Name;
        if (Nondeterminism.IsMade(creation.Constructor))
            ReportUnsteady(context, creation, name, when);
        else if (world.DoesMaking(creation.Constructor) is { } does)
            ReportEffect(context, creation, name, does, when);
    }

    private static void AnalyzeProperty(OperationAnalysisContext context, RerunTrigger when)
    {
        var read = (IPropertyReferenceOperation)context.Operation;
        if (Nondeterminism.Is(read.Property))
            ReportUnsteady(context, read, $"{read.Property.ContainingType.Name}.{read.Property.Name}", when);
    }

    private static void AnalyzeAssignment(OperationAnalysisContext context, RerunTrigger when)
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
                ReportStatic(context, context.Operation, member, when);
        }
    }

    private static void AnalyzeAwait(OperationAnalysisContext context) =>
        ReportEffect(context, context.Operation, "await", "waits for an external operation", RerunTrigger.OnReplay);

    private static bool IsChangeOf(IInvocationOperation call) => Changes.Contains(call.TargetMethod.Name)
        && call.Instance?.Type?.ContainingNamespace?.ToDisplayString()
            is "System.Collections.Generic" or "System.Collections.Concurrent";

    private static void ReportEffect(
        OperationAnalysisContext context, IOperation operation, string name, string does, RerunTrigger when)
    {
        if (when != RerunTrigger.OnConflict)
        {
            context.ReportDiagnostic(
                Diagnostic.Create(PurityDiagnostics.SideEffect, operation.Syntax.GetLocation(), name, does, Why(when)));
        }
        else if (!ExternalTypes.IsHarmless(does))
        {
            context.ReportDiagnostic(
                Diagnostic.Create(PurityDiagnostics.OutsideCall, operation.Syntax.GetLocation(), name, does));
        }
    }

    private static void ReportUnsteady(
        OperationAnalysisContext context, IOperation operation, string name, RerunTrigger when)
    {
        var cure = when switch
        {
            RerunTrigger.OnReplay => "take it from the event, which records it once",
            RerunTrigger.OnDecision => "take it from the command, or from an argument of the handler",
            _ => "use a TimeProvider, or a value of the command",
        };
        context.ReportDiagnostic(
            Diagnostic.Create(PurityDiagnostics.Nondeterminism, operation.Syntax.GetLocation(), name, Why(when), cure));
    }

    private static void ReportStatic(
        OperationAnalysisContext context, IOperation operation, ISymbol member, RerunTrigger when)
    {
        var cure = when == RerunTrigger.OnReplay ? "keep it in the state or the document" : "keep it in an event";
        context.ReportDiagnostic(
            Diagnostic.Create(
                PurityDiagnostics.StaticState, operation.Syntax.GetLocation(), member.Name, Why(when), cure));
    }

    private static string Why(RerunTrigger when) => when == RerunTrigger.OnReplay
        ? "this runs again whenever the events are read"
        : "this runs again after a conflict of the command";
}
