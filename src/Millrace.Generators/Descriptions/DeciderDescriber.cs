using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>Describes deciders: their states, decisions and rules.</summary>
internal sealed class DeciderDescriber(CallGraph calls, ModelTypes types, StateDescriber state, JsonText json)
{
    public void Describe(INamedTypeSymbol decider)
    {
        var decides = decider.GetMembers("Decide").OfType<IMethodSymbol>().Where(types.IsDecide).ToList();
        var evolves = decider.GetMembers("Evolve").OfType<IMethodSymbol>().ToList();
        json.Text("type", decider.DefinitionName())
            .Text("summary", Comments.SummaryOf(decider))
            .Text("category", decider.Attribute(MetadataNames.Decider).Text())
            .Text("id", IdOf(decider, decides)?.DefinitionName())
            .Texts(
                "reads",
                evolves
                    .SelectMany(evolve => evolve.Parameters)
                    .Select(parameter => parameter.Type)
                    .Where(types.IsEvent)
                    .Select(type => type.DefinitionName())
                    .Distinct())
            .Texts(
                "writes",
                calls
                    .From(decides)
                    .SelectMany(method => calls.Of(method).CreatedEvents)
                    .Select(type => type.DefinitionName())
                    .Distinct())
            .Each(
                "state", evolves.Take(1).SelectMany(evolve => StateDescriber.MembersOf(evolve.ReturnType)), state.Write)
            .Each("rules", RulesOf(decides), rule => rule.Write(json));
    }

    /// <summary>
    /// Returns the declared type of the stream ids. If none is declared, returns the id type in the commands, or null
    /// if the commands contain no id type or several.
    /// </summary>
    private static ITypeSymbol? IdOf(INamedTypeSymbol decider, List<IMethodSymbol> decides)
    {
        if (decider
                .Attribute(MetadataNames.Decider)
                ?.NamedArguments.FirstOrDefault(argument => argument.Key == "Id")
                .Value.Value
            is ITypeSymbol id)
            return id;
        var ids = decides
            .Where(decide => decide.Parameters.Length > 0)
            .SelectMany(decide => decide.Parameters[0].Type.ReadableProperties())
            .Select(member => member.Type)
            .Where(type => type.Attribute(MetadataNames.Id) is not null)
            .Distinct<ITypeSymbol>(SymbolEqualityComparer.Default)
            .ToList();
        return ids is [var only] ? only : null;
    }

    private List<RuleUsages> RulesOf(List<IMethodSymbol> decides)
    {
        var methods = calls.From(decides);
        return RuleUsages.Of(
            decides.SelectMany(RulesOf), method => calls.PathsTo(method, methods), calls.ThrownBy(methods));
    }

    private IEnumerable<(RuleFact Rule, string CheckedBy, IMethodSymbol In)> RulesOf(IMethodSymbol decide) =>
        calls
            .From(decide)
            .SelectMany(method =>
                calls
                    .Of(method)
                    .Rules.Select(rule => (rule, $"Decide({decide.Parameters.FirstOrDefault()?.Type.Name})", method)));
}
