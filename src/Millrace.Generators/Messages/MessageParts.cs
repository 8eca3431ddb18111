using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Messages;

/// <summary>Finds the types of this assembly that a message contains.</summary>
internal static class MessageParts
{
    // A useful message contains fewer types. The limit also stops the search in recursive generic types.
    private const int MaxParts = 100;

    /// <summary>
    /// Returns the type of the message, then the types of its members, then the types of their members, and so on.
    /// </summary>
    /// <param name="message">The type of the message.</param>
    /// <param name="skips">Returns true for a member whose type is not searched; null to search all.</param>
    public static IReadOnlyList<INamedTypeSymbol> Of(
        INamedTypeSymbol message, Func<IPropertySymbol, bool>? skips = null)
    {
        var parts = new List<INamedTypeSymbol>();
        Add(message, parts);
        for (var next = 0; next < parts.Count && parts.Count < MaxParts; next++)
        {
            foreach (var property in parts[next].ReadableProperties())
            {
                if (skips?.Invoke(property) != true)
                    AddTypesIn(property.Type, parts);
            }
        }
        return parts;
    }

    /// <summary>Returns the properties and fields that the type declares in source.</summary>
    public static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) =>
        type.GetMembers()
            .Where(member =>
                member
                    is { IsStatic: false, IsImplicitlyDeclared: false }
                        and (IPropertySymbol { IsIndexer: false } or IFieldSymbol));

    /// <summary>Returns the type syntax of a property, field or positional parameter.</summary>
    public static TypeSyntax? TypeOf(ISymbol member, CancellationToken cancellationToken)
    {
        var syntax = member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken);
        return syntax switch
        {
            ParameterSyntax parameter => parameter.Type,
            PropertyDeclarationSyntax property => property.Type,
            VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } => declaration.Type,
            _ => null,
        };
    }

    private static void AddTypesIn(ITypeSymbol type, List<INamedTypeSymbol> parts)
    {
        switch (type.Underlying())
        {
            case IArrayTypeSymbol array:
                AddTypesIn(array.ElementType, parts);
                break;
            case INamedTypeSymbol named:
                Add(named, parts);
                foreach (var argument in named.TypeArguments)
                    AddTypesIn(argument, parts);
                break;
        }
    }

    private static void Add(INamedTypeSymbol type, List<INamedTypeSymbol> parts)
    {
        var isPart =
            type.TypeKind is TypeKind.Class or TypeKind.Struct
            && type.Locations.Any(location => location.IsInSource)
            && type.Attribute(MetadataNames.Id) is null
            && type.Attribute(MetadataNames.Value) is null
            && type.Attribute(MetadataNames.JsonConverter) is null;
        if (isPart && !parts.Contains(type, SymbolEqualityComparer.Default))
            parts.Add(type);
    }
}
