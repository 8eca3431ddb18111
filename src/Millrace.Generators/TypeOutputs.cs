using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.Business;
using Millrace.Generators.Deciders;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators;

/// <summary>Reports on types with a generated part, and writes these parts.</summary>
internal static class TypeOutputs
{
    public static void Values(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<ValueModel> values,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(values, static found => found.Problems);
        context.Write(
            values.Where(static found => found.IsEmitted && !HasBlockingProblem(found.Problems)),
            shared,
            static found => (found.Type, found.IsId ? "Id" : "Value"),
            ValueEmitter.Emit);
    }

    public static IncrementalValuesProvider<AggregateModel> Aggregates(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<AggregateModel> aggregates,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(aggregates, static found => found.Problems);
        context.Write(
            aggregates
                .Where(static found => found.NeedsEvolve && !HasBlockingProblem(found.Problems))
                .Select(static (found, _) => found with { Location = null }),
            shared,
            static found => (found.Type, "Evolve"),
            AggregateEmitter.EmitDispatch);
        context.Write(
            aggregates
                .Where(static found => found.State.Count > 0 && found.Problems.Count == 0)
                .Select(static (found, _) => found with { Location = null }),
            shared,
            static found => (found.Type, "State"),
            StateEmitter.Emit);
        return aggregates.Where(static found => found.Problems.Count == 0);
    }

    public static IncrementalValuesProvider<ProjectionModel> Projections(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<ProjectionModel> projections,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(projections, static found => found.Problems);
        context.Write(
            projections
                .Where(static found => found.NeedsFold && !HasBlockingProblem(found.Problems))
                .Select(static (found, _) => found with { Location = null }),
            shared,
            static found => (found.Type, "Fold"),
            ProjectionEmitter.EmitDispatch);
        return projections.Where(static found => found.Problems.Count == 0);
    }

    public static IncrementalValuesProvider<KpiModel> Kpis(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<KpiModel> kpis,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(kpis, static found => found.Problems);
        var good = kpis.Where(static found => found.Problems.Count == 0);
        context.Write(
            good.Select(static (found, _) => found with { Location = null }),
            shared,
            static found => (found.Type, "Kpi"),
            KpiEmitter.EmitDispatch);
        return good;
    }

    public static IncrementalValuesProvider<DeciderModel> Deciders(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<DeciderModel> deciders,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(deciders, static found => found.Problems);
        var good = deciders.Where(static found => found.Problems.Count == 0);
        var written = good.Select(static (found, _) => found with { Handlers = default, Location = null });
        context.Write(written, shared, static found => (found.Type, "Decider"), DeciderEmitter.Emit);
        context.Write(
            written.Where(static found => found.Parts is not null),
            shared,
            static found => (found.Type, "State"),
            static found => StateEmitter.Emit(found, found.Parts!)); // Types without parts were filtered out.
        return good;
    }

    /// <summary>
    /// Returns true if a problem prevents generation, because the generated part would only cause further errors.
    /// </summary>
    private static bool HasBlockingProblem(EquatableArray<DiagnosticInfo> problems) =>
        problems.Any(problem =>
            problem.Descriptor.Id
                is DiagnosticIds.NotPartial
                    or DiagnosticIds.StreamShape
                    or DiagnosticIds.ProjectionShape
                    or DiagnosticIds.FileLocal
                    or DiagnosticIds.MemberTaken);
}
