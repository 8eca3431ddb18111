using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.Business;
using Millrace.Generators.Contracts;
using Millrace.Generators.Deciders;
using Millrace.Generators.Descriptions;
using Millrace.Generators.Events;
using Millrace.Generators.Folds;
using Millrace.Generators.Handlers;
using Millrace.Generators.Models;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.ProcessManagers;
using Millrace.Generators.Projecting;
using Millrace.Generators.Registration;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;
using Millrace.Generators.Values;

namespace Millrace.Generators;

/// <summary>
/// Generates ids, values, aggregates, projections and the model. Each concern is parsed to an equatable model first,
/// and then emitted.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    internal const string PartsStep = "Parts";
    internal const string JsonStep = "Json";
    internal const string CborStep = "Cbor";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var ids = context.Attributed(MetadataNames.Id, found => ValueParser.Parse(found, isId: true));
        var values = context.Attributed(MetadataNames.Value, found => ValueParser.Parse(found, isId: false));
        var aggregates = context.Attributed(MetadataNames.Stream, AggregateParser.Parse);
        var projections = context.Attributed(MetadataNames.Projection, ProjectionParser.Parse);
        var deciders = context.Attributed(MetadataNames.Decider, DeciderParser.Parse);
        var kpis = context.Attributed(MetadataNames.Kpi, KpiParser.Parse);
        var models = context.Attributed(MetadataNames.Model, ModelParser.Parse);
        var processes = context.Attributed(MetadataNames.Process, ProcessParser.Parse);
        var events = context.Attributed(MetadataNames.Event, EventParser.Parse);
        var upcasts = context.Attributed(MetadataNames.Upcast, UpcastParser.Parse);
        var handlers = context.Nodes(HandlerParser.MayBe, HandlerParser.Parse);
        var requests = context.Nodes(RequestParser.MayBe, RequestParser.Parse);
        var shared = Shared(
            ids.Select(static (found, _) => found.Type),
            values.Select(static (found, _) => found.Type),
            aggregates.Select(static (found, _) => found.Type),
            projections.Select(static (found, _) => found.Type),
            deciders.Select(static (found, _) => found.Type),
            kpis.Select(static (found, _) => found.Type),
            models.Select(static (found, _) => found.Type));
        TypeOutputs.Values(context, ids, shared);
        TypeOutputs.Values(context, values, shared);
        var goodAggregates = TypeOutputs.Aggregates(context, aggregates, shared);
        var goodProjections = TypeOutputs.Projections(context, projections, shared);
        var goodKpis = TypeOutputs.Kpis(context, kpis, shared);
        var goodDeciders = TypeOutputs.Deciders(context, deciders, shared);
        context.Report(processes, static found => found.Problems);
        context.Report(events, static found => found.Problems);
        context.Report(upcasts, static found => found.Problems);
        context.Report(handlers, static found => found.Problems.Concat(found.Warnings));
        context.Report(context.Nodes(MissingAttributeParser.MayBeClass, MissingAttributeParser.Class));
        context.Report(context.Nodes(MissingAttributeParser.MayBeUse, MissingAttributeParser.Use));
        context.Report(context.Nodes(ShadowParser.MayBe, ShadowParser.Parse));
        context.Report(
            context.Nodes(InheritedFoldParser.MayBe, InheritedFoldParser.Parse), static found => found.Problems);
        var parts = events
            .Collect()
            .Combine(upcasts.Collect())
            .Combine(goodAggregates.Collect())
            .Combine(handlers.Collect())
            .Combine(goodProjections.Collect())
            .Combine(goodDeciders.Collect())
            .Combine(processes.Collect())
            .Select(static (all, _) => Parts(
                all.Left.Left.Left.Left.Left.Left,
                all.Left.Left.Left.Left.Left.Right,
                all.Left.Left.Left.Left.Right,
                all.Left.Left.Left.Right.AddRange(all.Left.Right.SelectMany(decider => decider.Handlers)),
                all.Left.Left.Right,
                all.Left.Right,
                all.Right))
            .Combine(requests.Collect())
            .Select(static (all, _) => all.Left with { Requests = all.Right.Distinct().ToEquatable() })
            .Combine(goodKpis.Collect())
            .Select(static (all, _) => all.Left with { Kpis = all.Right.ToEquatable() })
            .WithTrackingName(PartsStep);
        Model(context, models, parts, shared);
    }

    private static void Model(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<ModelDeclaration> models,
        IncrementalValueProvider<ModelParts> parts,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        context.Report(models, static found => found.Problems);
        var all = models.Collect();
        var others = all.SelectMany(static (found, _) => found.Skip(1));
        context.Report(others, static other => DuplicateModel(other));
        context.Write(
            others.Where(static other => other.Problems.Count == 0).Select(static (other, _) => other.Type),
            shared,
            static other => (other, "Model"),
            ModelEmitter.EmitEmpty);
        var written = parts.Select(static (found, _) => found.WithoutLocations());
        var first = all.Select(static (found, _) => found is [{ Problems.Count: 0 } only, ..] ? only : null);
        var model = first.Combine(written).Select(static (found, _) =>
            found.Left is { Type: var type } ? type with { Clashes = ModelNames.Clashes(type, found.Right) } : null);
        context.RegisterSourceOutput(
            first.Select(static (found, _) => found is { IsVisible: true } ? found.Type : null).Combine(shared),
            static (output, found) => ModelOutput.EmitAssembly(output, found.Left, found.Right));
        Description(context, first.Select(static (found, _) => found?.Type), shared);
        Check(context, parts, all.Select(static (found, _) => found is [var only, ..] ? only.Location : null));
        context.RegisterSourceOutput(
            model.Combine(written).Combine(Contract(context)).Combine(shared),
            static (output, found) =>
                ModelOutput.Emit(output, found.Left.Left.Left, found.Left.Left.Right, found.Left.Right, found.Right));
        var shapes = written
            .SelectMany(static (found, _) => found.Shapes)
            .Combine(model)
            .Combine(shared)
            .WithTrackingName(JsonStep);
        context.RegisterSourceOutput(
            shapes,
            static (output, found) => ModelOutput.EmitConverter(output, found.Left.Right, found.Left.Left, found.Right)
        );
        var stored = written
            .SelectMany(static (found, _) => found.StoredShapes)
            .Combine(model)
            .Combine(shared)
            .WithTrackingName(CborStep);
        context.RegisterSourceOutput(
            stored,
            static (output, found) => ModelOutput.EmitCbor(output, found.Left.Right, found.Left.Left, found.Right));
    }

    private static void Check(
        IncrementalGeneratorInitializationContext context,
        IncrementalValueProvider<ModelParts> parts,
        IncrementalValueProvider<LocationInfo?> location)
    {
        context.Report(parts.SelectMany(static (found, _) => Problems("the model", () => ModelCheck.Problems(found))));
        context.Report(
            parts
                .Combine(Contract(context))
                .Combine(location)
                .SelectMany(
                    static (found, _) =>
                        Problems(
                            ContractFile.FileName,
                            () => ContractCheck.Problems(found.Left.Left, found.Left.Right, found.Right))));
    }

    private static List<DiagnosticInfo> Problems(string subject, Func<IEnumerable<DiagnosticInfo>> check)
    {
        var attempt = GeneratorResult.Run(() => subject, null, () => check().ToList());
        return attempt.Value ?? [attempt.Failure!]; // One of the two is set.
    }

    /// <summary>
    /// Writes the description of the model. The methods that write events are known only after all method bodies are
    /// analyzed. This happens when the assembly is built, and not while its code is edited. No other generated code
    /// depends on the result.
    /// </summary>
    private static void Description(
        IncrementalGeneratorInitializationContext context,
        IncrementalValueProvider<TypeDeclaration?> model,
        IncrementalValueProvider<EquatableArray<string>> shared)
    {
        var description = model
            .Combine(context.CompilationProvider)
            .Select(
                static (found, cancellationToken) =>
                    found.Left is not { } type
                        ? null
                        : GeneratorResult.Run(
                            () => type.Name, null, () => ModelDescriber.Describe(type, found.Right, cancellationToken))
            );
        context.RegisterImplementationSourceOutput(
            model.Combine(description).Combine(shared),
            static (output, found) =>
            {
                if (found.Left is not ({ } type, { } attempt))
                    return;
                if (attempt.Failure is { } failure)
                    output.ReportDiagnostic(
                        Diagnostic.Create(failure.Descriptor, Location.None, [.. failure.Arguments]));
                else if (attempt.Value is { } text)
                    output.AddSource(
                        type.FileName("Description", found.Right), ModelEmitter.EmitDescription(type, text));
            }
        );
    }

    /// <summary>
    /// Returns the full names of types whose files would have the same name as the file of another type.
    /// </summary>
    private static IncrementalValueProvider<EquatableArray<string>> Shared(
        IncrementalValuesProvider<TypeDeclaration> first, params IncrementalValuesProvider<TypeDeclaration>[] others)
    {
        var all = first.Collect();
        foreach (var other in others)
            all = all.Combine(other.Collect()).Select(static (found, _) => found.Left.AddRange(found.Right));
        return all.Select(static (found, _) => HintNames.Shared(found.Select(type => type.FullName)));
    }

    /// <summary>Returns the text of the contract file, if the project has one.</summary>
    private static IncrementalValueProvider<string?> Contract(IncrementalGeneratorInitializationContext context) =>
        context.AdditionalTextsProvider
            .Where(static file => file.Path.Split('/', '\\').Last() == ContractFile.FileName)
            .Select(static (file, cancellation) => file.GetText(cancellation)?.ToString())
            .Collect()
            .Select(static (files, _) => files.FirstOrDefault());

    private static ModelParts Parts(
        ImmutableArray<EventModel> events,
        ImmutableArray<UpcastModel> upcasts,
        ImmutableArray<AggregateModel> aggregates,
        ImmutableArray<HandlerModel> handlers,
        ImmutableArray<ProjectionModel> projections,
        ImmutableArray<DeciderModel> deciders,
        ImmutableArray<ProcessModel> processes) => new(
            events.Where(found => found.Problems.Count == 0).ToEquatable(),
            upcasts.Where(found => found.Problems.Count == 0).ToEquatable(),
            new(aggregates),
            handlers.Where(found => found.Problems.Count == 0).ToEquatable(),
            new(projections),
            deciders.Where(found => found.IsReachable).Select(found => found with { Handlers = default }).ToEquatable(),
            processes.Where(found => found.Problems.Count == 0).ToEquatable());

    private static EquatableArray<DiagnosticInfo> DuplicateModel(ModelDeclaration other) =>
        new([new(Diagnostics.ModelTwice, other.Location, new[] { other.Type.Name }.ToEquatable())]);
}
