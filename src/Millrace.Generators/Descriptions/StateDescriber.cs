using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>Describes the state of an aggregate or a decider: its fields, and the ids and aggregates in them.</summary>
internal sealed class StateDescriber(ModelTypes types, JsonText json)
{
    /// <summary>Returns the members of a type, including its base types.</summary>
    public static IEnumerable<(string Name, ITypeSymbol Type)> MembersOf(ITypeSymbol type)
    {
        for (
            var current = type;
            current is { SpecialType: SpecialType.None } && !current.Is(MetadataNames.Aggregate);
            current = current.BaseType)
        {
            foreach (var member in current.GetMembers())
            {
                if (member is IFieldSymbol { IsStatic: false, IsConst: false } field)
                    yield return (field.AssociatedSymbol?.Name ?? field.Name, field.Type);
            }
        }
    }

    public void Write((string Name, ITypeSymbol Type) member)
    {
        var parts = Parts(member.Type).ToList();
        json.Text("name", member.Name.TrimStart('_'))
            .Text("type", member.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))
            .Texts("ids", Names(parts.Where(part => part.Attribute(MetadataNames.Id) is not null)))
            .Texts("holds", Names(parts.Where(types.IsAggregate)));
    }

    /// <summary>Returns the type with its item or argument types, and the ids in its members.</summary>
    private static IEnumerable<ITypeSymbol> Parts(ITypeSymbol type)
    {
        var plain = type.Underlying();
        yield return plain;
        var inner = plain switch
        {
            IArrayTypeSymbol array => [array.ElementType],
            INamedTypeSymbol { TypeArguments.IsEmpty: false } generic => generic.TypeArguments.AsEnumerable(),
            { IsRecord: true } record => record.ReadableProperties().Select(property => property.Type)
                .Where(found => !SymbolEqualityComparer.Default.Equals(found, record)),
            _ => [],
        };
        foreach (var part in inner)
        {
            yield return part.Underlying();
            foreach (
                var id in part.Underlying() is { IsRecord: true } record && record.Attribute(MetadataNames.Id) is null
                    ? record.ReadableProperties().Select(property => property.Type.Underlying())
                    : [])
                yield return id;
        }
    }

    private static IEnumerable<string> Names(IEnumerable<ITypeSymbol> found) =>
        found.Select(type => type.DefinitionName()).Distinct();
}
