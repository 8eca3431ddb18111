using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Purity;

/// <summary>Determines when a method runs again, from the type that contains the method.</summary>
internal sealed class RerunAnalysis(ModelTypes types)
{
    private readonly ConcurrentDictionary<INamedTypeSymbol, Role> _roles = new(SymbolEqualityComparer.Default);

    private enum Role
    {
        None,
        Aggregate,
        Decider,
        Projection,
        Handlers,
    }

    public RerunTrigger Of(ISymbol member)
    {
        if (member.ContainingType is not { } type)
            return RerunTrigger.No;
        if (member is IMethodSymbol method && types.IsUpcaster(method))
            return RerunTrigger.OnReplay;
        return _roles.GetOrAdd(type, RoleOf) switch
        {
            Role.Projection => RerunTrigger.OnReplay,
            Role.Aggregate => member.Name is "When" or "Evolve" ? RerunTrigger.OnReplay : RerunTrigger.OnDecision,
            Role.Decider => member.Name is "Evolve" or "Initial" ? RerunTrigger.OnReplay : RerunTrigger.OnDecision,
            Role.Handlers when member is IMethodSymbol found && RunsInHandler(found) => RerunTrigger.OnConflict,
            _ => RerunTrigger.No,
        };
    }

    private Role RoleOf(INamedTypeSymbol type) =>
        types.IsProjection(type) || types.IsKpi(type) ? Role.Projection
        : types.IsAggregate(type) ? Role.Aggregate
        : types.IsDecider(type) ? Role.Decider
        : type.GetMembers("Handle").OfType<IMethodSymbol>().Any(types.IsCommandHandler) ? Role.Handlers
        : Role.None;

    // A private helper runs as a part of the handler. If the class also handles queries, the helper's caller is
    // unknown.
    private bool RunsInHandler(IMethodSymbol method) =>
        types.IsCommandHandler(method)
        || (
            method is { Name: "Validate", IsStatic: true, Parameters.Length: > 0 }
            && types.IsCommand(method.Parameters[0].Type))
        || (
            method is { DeclaredAccessibility: Accessibility.Private, Name: not "Handle" }
            && !method.ContainingType.GetMembers("Handle").OfType<IMethodSymbol>().Any(types.IsQueryHandler));
}
