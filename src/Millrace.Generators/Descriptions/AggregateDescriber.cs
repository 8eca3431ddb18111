using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>Describes aggregates: their state, methods, events and rules.</summary>
internal sealed class AggregateDescriber(CallGraph calls, ModelTypes types, StateDescriber state, JsonText json)
{
    public void Describe(INamedTypeSymbol aggregate)
    {
        var methods = Methods(aggregate).ToList();
        json.Text("type", aggregate.DefinitionName())
            .Text("summary", Comments.SummaryOf(aggregate))
            .Text("id", aggregate.Base(MetadataNames.Aggregate)?.TypeArguments[0].DefinitionName())
            .Texts("reads", Names(methods.Where(method => method.Name == "When").SelectMany(EventOf)))
            .Each("state", StateDescriber.MembersOf(aggregate), state.Write)
            .Each("methods", methods.Where(IsCallable), method => Write(method, aggregate))
            .Each("rules", Rules(methods), rule => rule.Write(json));
    }

    /// <summary>Returns the methods of the class and its base classes in the user's code, in source order.</summary>
    private static IEnumerable<IMethodSymbol> Methods(INamedTypeSymbol type)
    {
        for (
            var current = type;
            current is not null && !current.Is(MetadataNames.Aggregate);
            current = current.BaseType)
        {
            foreach (var method in current.GetMembers().OfType<IMethodSymbol>())
            {
                if (method is { MethodKind: MethodKind.Ordinary, IsImplicitlyDeclared: false })
                    yield return method;
            }
        }
    }

    /// <summary>Returns true if other code may call a method.</summary>
    public static bool IsCallable(IMethodSymbol method) =>
        method is
        {
            IsStatic: false,
            DeclaredAccessibility: Accessibility.Public or Accessibility.Internal,
            IsOverride: false
        };

    private IEnumerable<ITypeSymbol> EventOf(IMethodSymbol when) =>
        when.Parameters.Take(1).Select(parameter => parameter.Type).Where(types.IsEvent);

    private void Write(IMethodSymbol method, INamedTypeSymbol aggregate)
    {
        var reached = calls.From(method).Where(found => IsMethodOf(found, aggregate)).ToList();
        json.Text("name", method.Name)
            .Text("summary", Comments.SummaryOf(method))
            .Texts("events", Names(reached.SelectMany(found => calls.Of(found).Raises)))
            .Texts("rules", reached.SelectMany(found => calls.Of(found).Rules).Select(rule => rule.Name).Distinct())
            .Texts("takes", Names(method.Parameters.Select(parameter => parameter.Type).Where(types.IsAggregate)));
    }

    private static bool IsMethodOf(IMethodSymbol method, INamedTypeSymbol aggregate)
    {
        for (var current = aggregate; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(
                    method.ContainingType.OriginalDefinition, current.OriginalDefinition))
                return true;
        }
        return false;
    }

    private List<RuleUsages> Rules(List<IMethodSymbol> methods) => RuleUsages.Of(
        methods.SelectMany(method => calls.Of(method).Rules.Select(rule => (rule, method.Name, method))),
        method => calls.PathsTo(method, methods),
        calls.ThrownBy(methods));

    private static IEnumerable<string> Names(IEnumerable<ITypeSymbol> found) =>
        found.Select(type => type.DefinitionName()).Distinct();
}
