using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// Describes the effects of commands and queries: loaded and changed aggregates, appended events and read models.
/// </summary>
internal sealed class HandlerDescriber(CallGraph calls, ModelTypes types, JsonText json)
{
    // The maximum number of services, each a dependency of the previous one, that are searched for read models.
    private const int MaxServiceDepth = 3;

    public void DescribeCommand(IMethodSymbol handler)
    {
        var reached = calls.From(handler);
        json.Text("type", handler.Parameters[0].Type.DefinitionName())
            .Text("summary", Comments.SummaryOf(handler.Parameters[0].Type))
            .Text("handler", handler.ContainingType.DefinitionName())
            .Text("does", Comments.SummaryOf(handler))
            .Each("aggregates", Aggregates(handler, reached), Write);
        WriteEffects(reached, types.IsDecide(handler) ? Decided(reached) : Appended(reached));
    }

    public void DescribeQuery(IMethodSymbol handler)
    {
        json.Text("type", handler.Parameters[0].Type.DefinitionName())
            .Text("summary", Comments.SummaryOf(handler.Parameters[0].Type))
            .Text("handler", handler.ContainingType.DefinitionName())
            .Texts(
                "reads",
                handler.Parameters.SelectMany(parameter => Documents(parameter.Type, MaxServiceDepth)).Distinct());
    }

    /// <summary>
    /// Returns the documents of a read model. For a service that depends on read models, returns the documents of these
    /// read models.
    /// </summary>
    private static IEnumerable<string> Documents(ITypeSymbol type, int depth)
    {
        if (type.Interface(MetadataNames.ReadModel) is { } readModel)
            return [readModel.TypeArguments[1].DefinitionName()];
        var isService =
            depth > 0
            && type is INamedTypeSymbol { TypeKind: TypeKind.Class }
            && type.Locations.Any(location => location.IsInSource);
        return isService
            ? ((INamedTypeSymbol)type).InstanceConstructors.SelectMany(constructor => constructor.Parameters)
                .SelectMany(parameter => Documents(parameter.Type, depth - 1))
            : [];
    }

    /// <summary>
    /// Returns the events that methods append without an aggregate. Only events that the appending method itself
    /// creates are known.
    /// </summary>
    public IEnumerable<string> Appended(IEnumerable<IMethodSymbol> reached) => Names(reached
        .Where(method => !types.IsAggregate(method.ContainingType) && calls.Of(method).Appends)
        .SelectMany(method => calls.Of(method).CreatedEvents));

    private IEnumerable<string> Decided(IEnumerable<IMethodSymbol> reached) =>
        Names(reached.SelectMany(method => calls.Of(method).CreatedEvents));

    private void WriteEffects(IReadOnlyList<IMethodSymbol> reached, IEnumerable<string> appended)
    {
        var facts = reached.Select(calls.Of).ToList();
        json.Texts("appends", appended)
            .Texts("claims", facts.SelectMany(found => found.Claims).Distinct())
            .Texts("rules", reached.Where(method => !types.IsAggregate(method.ContainingType))
                .SelectMany(method => calls.Of(method).Rules).Select(rule => rule.Name).Distinct())
            .Flag("isConditional", facts.Exists(found => found.IsConditional))
            .Texts("conditions", facts.SelectMany(found => found.Conditions).Distinct());
    }

    private IEnumerable<(ITypeSymbol Type, string LoadKinds, List<IMethodSymbol> Methods)> Aggregates(
        IMethodSymbol handler, IReadOnlyList<IMethodSymbol> reached)
    {
        var ofParameters = handler.Parameters.Where(parameter => types.IsAggregate(parameter.Type))
            .Select(parameter => new LoadFact(parameter.Type, LoadKindOf(parameter)));
        var loaded = reached
            .SelectMany(method => calls.Of(method).Loads)
            .Where(load => load.Aggregate is INamedTypeSymbol);
        return ofParameters
            .Concat(loaded)
            .GroupBy(load => load.Aggregate, SymbolEqualityComparer.Default)
            .Select(group => (Type: (ITypeSymbol)group.Key!, LoadKinds: group.Select(load => load.LoadKind).Distinct()))
            .Select(found => (found.Type, string.Join("+", found.LoadKinds), MethodsOf(found.Type, reached)));
    }

    private static string LoadKindOf(IParameterSymbol parameter) =>
        parameter.Attribute(MetadataNames.New) is not null ? "New"
        : parameter.Attribute(MetadataNames.OrNew) is not null ? "LoadOrNew"
        : "Load";

    /// <summary>Returns the reachable methods of an aggregate that raise events.</summary>
    private List<IMethodSymbol> MethodsOf(ITypeSymbol aggregate, IReadOnlyList<IMethodSymbol> reached) =>
    [
        .. reached.Where(method => SymbolEqualityComparer.Default.Equals(method.ContainingType, aggregate)
                || Derives(aggregate, method.ContainingType))
            .Where(method => calls.From(method).Any(inner => calls.Of(inner).Raises.Count > 0)),
    ];

    private static bool Derives(ITypeSymbol type, INamedTypeSymbol from)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, from.OriginalDefinition))
                return true;
        }
        return false;
    }

    private void Write((ITypeSymbol Type, string LoadKinds, List<IMethodSymbol> Methods) found) => json
        .Text("type", found.Type.DefinitionName())
        .Text("how", found.LoadKinds)
        .Texts("methods", found.Methods.Where(AggregateDescriber.IsCallable).Select(method => method.Name).Distinct())
        .Texts("events", Names(found.Methods.SelectMany(method => calls.Of(method).Raises)));

    private static IEnumerable<string> Names(IEnumerable<ITypeSymbol> found) =>
        found.Select(type => type.DefinitionName()).Distinct();
}
