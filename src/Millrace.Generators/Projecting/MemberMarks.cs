using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>Finds the attributes of the members of a document.</summary>
internal static class MemberMarks
{
    /// <summary>Returns an attribute of a property or of the constructor parameter with its name.</summary>
    public static AttributeData? FindMark(this ITypeSymbol document, IPropertySymbol property, string attribute) =>
        property.Attribute(attribute)
        ?? (document as INamedTypeSymbol)?.InstanceConstructors
            .SelectMany(constructor => constructor.Parameters)
            .Where(parameter => parameter.Name == property.Name)
            .Select(parameter => parameter.Attribute(attribute))
            .FirstOrDefault(found => found is not null);

    /// <summary>Returns true if a property or the constructor parameter with its name has an attribute.</summary>
    public static bool HasMark(this ITypeSymbol document, IPropertySymbol property, string attribute) =>
        document.FindMark(property, attribute) is not null;
}
