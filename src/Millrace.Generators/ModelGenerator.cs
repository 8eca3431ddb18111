using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>
/// Fills ids, values, aggregates, projections and the model. Each concern is parsed to an equatable model first, and emitted from that.
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
        Values(context, Known.Id, isId: true);
        Values(context, Known.Value, isId: false);
        var aggregates = Aggregates(context);
        var projections = Projections(context);
        var deciders = Deciders(context);
        var processes = Attributed(context, Known.Process, ProcessParser.Parse);
        Report(context, processes, found => found.Problems);
        var events = Attributed(context, Known.Event, EventParser.Parse);
        Report(context, events, found => found.Problems);
        var upcasts = Attributed(context, Known.Upcast, UpcastParser.Parse);
        Report(context, upcasts, found => found.Problems);
        var handlers = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => HandlerParser.MayBe(node), HandlerParser.Parse)
            .Where(static found => found is not null)
            .Select(static (found, _) => found!); // Null was filtered out.
        Report(context, handlers, found => found.Problems);
        Report(context, handlers, found => found.Warnings);
        Unmarked(context, UnmarkedParser.MayBeClass, UnmarkedParser.Class);
        Unmarked(context, UnmarkedParser.MayBeUse, UnmarkedParser.Use);
        var parts = events.Collect().Combine(upcasts.Collect())
            .Combine(aggregates.Collect()).Combine(handlers.Collect()).Combine(projections.Collect()).Combine(deciders.Collect())
            .Combine(processes.Collect())
            .Select(static (all, _) => Parts(
                all.Left.Left.Left.Left.Left.Left,
                all.Left.Left.Left.Left.Left.Right,
                all.Left.Left.Left.Left.Right,
                all.Left.Left.Left.Right.AddRange(all.Left.Right.SelectMany(decider => decider.Handlers)),
                all.Left.Left.Right,
                all.Left.Right,
                all.Right))
            .WithTrackingName(PartsStep);
        Model(context, parts);
    }

    private static void Values(IncrementalGeneratorInitializationContext context, string attribute, bool isId)
    {
        var values = Attributed(context, attribute, found => ValueParser.Parse(found, isId));
        Report(context, values, found => found.Problems);
        context.RegisterSourceOutput(
            values.Where(static found => found.IsEmitted),
            static (output, found) => output.AddSource(found.Type.FileName(found.IsId ? "Id" : "Value"), ValueEmitter.Emit(found)));
    }

    private static IncrementalValuesProvider<AggregateModel> Aggregates(IncrementalGeneratorInitializationContext context)
    {
        var aggregates = Attributed(context, Known.Stream, AggregateParser.Parse);
        Report(context, aggregates, found => found.Problems);
        context.RegisterSourceOutput(
            aggregates
                .Where(static found => found.NeedsEvolve && !IsHopeless(found.Problems))
                .Select(static (found, _) => found with { Place = null }),
            static (output, found) => output.AddSource(found.Type.FileName("Evolve"), AggregateEmitter.EmitDispatch(found)));
        context.RegisterSourceOutput(
            aggregates
                .Where(static found => found.State.Count > 0 && found.Problems.Count == 0)
                .Select(static (found, _) => found with { Place = null }),
            static (output, found) => output.AddSource(found.Type.FileName("State"), StateEmitter.Emit(found)));
        return aggregates.Where(static found => found.Problems.Count == 0);
    }

    private static IncrementalValuesProvider<ProjectionModel> Projections(IncrementalGeneratorInitializationContext context)
    {
        var projections = Attributed(context, Known.Projection, ProjectionParser.Parse);
        Report(context, projections, found => found.Problems);
        context.RegisterSourceOutput(
            projections
                .Where(static found => found.NeedsFold && !IsHopeless(found.Problems))
                .Select(static (found, _) => found with { Place = null }),
            static (output, found) => output.AddSource(found.Type.FileName("Fold"), ProjectionEmitter.EmitDispatch(found)));
        return projections.Where(static found => found.Problems.Count == 0);
    }

    private static IncrementalValuesProvider<DeciderModel> Deciders(IncrementalGeneratorInitializationContext context)
    {
        var deciders = Attributed(context, Known.Decider, DeciderParser.Parse);
        Report(context, deciders, found => found.Problems);
        var good = deciders.Where(static found => found.Problems.Count == 0);
        context.RegisterSourceOutput(
            good.Select(static (found, _) => found with { Handlers = default }),
            static (output, found) =>
            {
                output.AddSource(found.Type.FileName("Decider"), DeciderEmitter.Emit(found));
                if (found.Parts is { } state)
                    output.AddSource(found.Type.FileName("State"), StateEmitter.Emit(found, state));
            });
        return good;
    }

    private static void Model(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ModelParts> parts)
    {
        var models = Attributed(context, Known.Model, ModelParser.Parse);
        Report(context, models, found => found.Problems);
        var all = models.Collect();
        var others = all.SelectMany(static (found, _) => found.Skip(1));
        Report(context, others, static other => Several(other));
        context.RegisterSourceOutput(
            others.Where(static other => other.Problems.Count == 0).Select(static (other, _) => other.Type),
            static (output, other) => output.AddSource(other.FileName("Model"), ModelEmitter.EmitEmpty(other)));
        var model = all.Select(static (found, _) => found is [var first, ..] && first.Problems.Count == 0 ? first.Type : null);
        context.RegisterSourceOutput(
            all.Select(static (found, _) => found is [{ IsVisible: true, Problems.Count: 0 } first, ..] ? first.Type : null),
            static (output, type) => ModelOutput.EmitAssembly(output, type));
        Description(context, model);
        Report(context, parts.SelectMany(static (found, _) => ModelCheck.Problems(found)), static problem => new([problem]));
        var contract = Contract(context);
        var place = all.Select(static (found, _) => found is [var first, ..] ? first.Place : null);
        Report(
            context,
            parts.Combine(contract).Combine(place).SelectMany(static (found, _) =>
                ContractCheck.Problems(found.Left.Left, found.Left.Right, found.Right)),
            static problem => new([problem]));
        var written = parts.Select(static (found, _) => found.WithoutPlaces());
        context.RegisterSourceOutput(
            model.Combine(written).Combine(contract),
            static (output, found) => ModelOutput.Emit(output, found.Left.Left, found.Left.Right, found.Right));
        var shapes = written.SelectMany(static (found, _) => found.Shapes).Combine(model).WithTrackingName(JsonStep);
        context.RegisterSourceOutput(shapes, static (output, pair) => ModelOutput.EmitConverter(output, pair.Right, pair.Left));
        var stored = written.SelectMany(static (found, _) => found.StoredShapes).Combine(model).WithTrackingName(CborStep);
        context.RegisterSourceOutput(stored, static (output, pair) => ModelOutput.EmitCbor(output, pair.Right, pair.Left));
    }

    /// <summary>
    /// Who writes what is only known from the bodies of all methods, so it is worked out when the assembly is built and not while its code
    /// is typed: nothing there depends on it.
    /// </summary>
    private static void Description(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<TypeDeclaration?> model)
    {
        var description = model.Combine(context.CompilationProvider).Select(static (found, cancellationToken) =>
            found.Left is { } type ? ModelDescriber.Describe(type, found.Right, cancellationToken) : null);
        context.RegisterImplementationSourceOutput(model.Combine(description), static (output, found) =>
        {
            if (found is ({ } type, { } text))
                output.AddSource(type.FileName("Description"), ModelEmitter.EmitDescription(type, text));
        });
    }

    /// <summary>The text of the contract file, if the project has one.</summary>
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

    private static IncrementalValuesProvider<T> Attributed<T>(
        IncrementalGeneratorInitializationContext context,
        string attribute,
        Func<GeneratorAttributeSyntaxContext, T?> parse)
        where T : class => context.SyntaxProvider
            .ForAttributeWithMetadataName(attribute, static (_, _) => true, (found, _) => parse(found))
            .Where(static found => found is not null)
            .Select(static (found, _) => found!); // Null was filtered out.

    private static void Report<T>(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<T> items,
        Func<T, EquatableArray<DiagnosticInfo>> problems) =>
        Report(context, items.SelectMany((item, _) => problems(item)));

    /// <summary>
    /// Reports with the trees of the code as it is now, without which a pragma or an .editorconfig of a folder would not be asked. What is
    /// generated does not depend on them: where nothing is wrong, nothing is done again.
    /// </summary>
    private static void Report(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<DiagnosticInfo> problems) =>
        context.RegisterSourceOutput(
            problems.Combine(context.CompilationProvider),
            static (output, found) => output.ReportDiagnostic(found.Left.ToDiagnostic(found.Right)));

    private static void Unmarked(
        IncrementalGeneratorInitializationContext context,
        Func<SyntaxNode, bool> mayBe,
        Func<GeneratorSyntaxContext, CancellationToken, DiagnosticInfo?> find) =>
        Report(
            context,
            context.SyntaxProvider.CreateSyntaxProvider((node, _) => mayBe(node), find)
                .Where(static found => found is not null).Select(static (found, _) => found!)); // Null was filtered out.

    private static EquatableArray<DiagnosticInfo> Several(ModelModel other) =>
        new([new(Diagnostics.ModelTwice, other.Place, new[] { other.Type.Name }.ToEquatable())]);

    /// <summary>Whether a generated part would only add errors to the one reported.</summary>
    private static bool IsHopeless(EquatableArray<DiagnosticInfo> problems) => problems.Any(problem =>
        problem.Descriptor.Id is DiagnosticIds.NotPartial or DiagnosticIds.StreamShape or DiagnosticIds.ProjectionShape);
}
