using Millrace.Generators.Aggregates;
using Millrace.Generators.Business;
using Millrace.Generators.Deciders;
using Millrace.Generators.Events;
using Millrace.Generators.Handlers;
using Millrace.Generators.Json;
using Millrace.Generators.ProcessManagers;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;

namespace Millrace.Generators.Models;

/// <summary>The class marked <c>[Model]</c>, with its diagnostics.</summary>
internal sealed record ModelDeclaration(
    TypeDeclaration Type, EquatableArray<DiagnosticInfo> Problems, LocationInfo? Location, bool IsVisible);

/// <summary>All parts of a model.</summary>
internal sealed record ModelParts(
    EquatableArray<EventModel> Events,
    EquatableArray<UpcastModel> Upcasts,
    EquatableArray<AggregateModel> Aggregates,
    EquatableArray<HandlerModel> Handlers,
    EquatableArray<ProjectionModel> Projections,
    EquatableArray<DeciderModel> Deciders,
    EquatableArray<ProcessModel> Processes)
{
    /// <summary>Gets the commands and queries that are sent to other services.</summary>
    public EquatableArray<RequestModel> Requests { get; init; }

    /// <summary>Gets the business figures.</summary>
    public EquatableArray<KpiModel> Kpis { get; init; }

    /// <summary>Gets the graphs of all types that are read or written as JSON.</summary>
    public IEnumerable<JsonGraph> Graphs => Events.Select(found => found.Json)
        .Concat(Aggregates.Where(found => found.Snapshot is not null).Select(found => found.Snapshot!.Json))
        .Concat(Handlers.SelectMany(found => new[] { found.Json, found.ResultJson }))
        .Concat(Projections.Select(found => found.Json));

    /// <summary>Gets the shapes of all graphs without duplicates.</summary>
    public IEnumerable<JsonShape> Shapes => Graphs
        .SelectMany(graph => graph.Shapes)
        .GroupBy(shape => shape.Type.Name + "|" + shape.Type.Detail, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => group.First());

    /// <summary>Gets the shapes of events and of all types that events contain, without duplicates.</summary>
    public IEnumerable<JsonShape> StoredShapes => Events
        .SelectMany(found => found.Json.Shapes)
        .GroupBy(shape => shape.Type.Name + "|" + shape.Type.Detail, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => group.First());

    /// <summary>
    /// Returns a copy without source locations. A change that only moves declarations gives an equal copy, so the
    /// compiler does not generate code again.
    /// </summary>
    public ModelParts WithoutLocations() => new(
        Events.Select(found => found with { Location = null }).ToEquatable(),
        Upcasts.Select(found => found with { Location = null }).ToEquatable(),
        Aggregates.Select(found => found with { Location = null }).ToEquatable(),
        Handlers.Select(found => found with { Location = null, Warnings = default }).ToEquatable(),
        Projections.Select(found => found with { Location = null }).ToEquatable(),
        Deciders.Select(found => found with { Location = null }).ToEquatable(),
        Processes.Select(found => found with { Location = null }).ToEquatable())
    {
        Requests = Requests,
        Kpis = Kpis.Select(found => found with { Location = null }).ToEquatable(),
    };

    /// <summary>
    /// Gets all types with JSON metadata: the roots of the graphs, the types of the members of messages, and all ids
    /// and values, because descriptions refer to these.
    /// </summary>
    public IEnumerable<JsonType> Roots =>
        Graphs
            .Where(graph => graph.Root is not null)
            .Select(graph => graph.Root!)
            .Concat(
                Handlers
                    .Where(found => found.Shape is not null)
                    .SelectMany(found => found.Shape!.Members.Select(member => member.Type)))
            .Concat(Shapes.SelectMany(Wrappers))
            .Distinct();

    private static IEnumerable<JsonType> Wrappers(JsonShape shape) => shape.Members
        .Select(member => (JsonType?)member.Type)
        .Concat([shape.Type.Item, shape.Type.Key])
        .Select(type => type is { Form: JsonShapeKind.Nullable } ? type.Item : type)
        .Where(type => type is { Form: JsonShapeKind.Wrapper })
        .Select(type => type!); // No element is null.
}
