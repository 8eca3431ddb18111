using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Parses <c>[PersonalData]</c> and <c>[Secret]</c>.</summary>
internal static class MarkParser
{
    /// <summary>Returns the mark of a property or of the record parameter that declares it; null for no mark.</summary>
    public static MemberMark? Parse(IPropertySymbol property)
    {
        var personal = Find(property, MetadataNames.PersonalData);
        var isSecret = Find(property, MetadataNames.Secret) is not null;
        if (personal is null && !isSecret)
            return null;
        var name = new MemberName(property.ContainingType.DefinitionName(), property.Name);
        var mark = new MemberMark(name, personal is not null, isSecret)
        {
            IsTag = Find(property, MetadataNames.Tag) is not null,
            IsIndexed = IsIndexed(property),
        };
        return personal is null ? mark with { Kind = MemberMark.SecretKind } : mark with
        {
            Subject = personal.Named<string?>("Subject", null),
            SubjectType = personal.Named<string?>("SubjectType", null),
            Kind = personal.Named("Kind", MemberMark.DefaultKind),
            ErasedText = personal.Named<string?>("ErasedText", null),
        };
    }

    /// <summary>Returns true if a member has a mark.</summary>
    public static bool IsMarked(IPropertySymbol property) =>
        Find(property, MetadataNames.PersonalData) is not null || Find(property, MetadataNames.Secret) is not null;

    /// <summary>Returns true if a member is a field of a document.</summary>
    public static bool IsIndexed(IPropertySymbol property) => Find(property, MetadataNames.Indexed) is not null;

    /// <summary>Returns true if a symbol itself has a mark.</summary>
    public static bool HasMark(ISymbol symbol) =>
        symbol.Attribute(MetadataNames.PersonalData) is not null || symbol.Attribute(MetadataNames.Secret) is not null;

    /// <summary>
    /// Returns an attribute of a property, of the property that it overrides, or of the constructor parameter with its
    /// name.
    /// </summary>
    private static AttributeData? Find(IPropertySymbol property, string attribute)
    {
        for (var level = property; level is not null; level = level.OverriddenProperty)
        {
            if ((level.Attribute(attribute) ?? OnParameter(level, attribute)) is { } found)
                return found;
        }
        return null;
    }

    private static AttributeData? OnParameter(IPropertySymbol property, string attribute) =>
        property.ContainingType.InstanceConstructors
            .SelectMany(constructor => constructor.Parameters)
            .Where(parameter => parameter.Name == property.Name)
            .Select(parameter => parameter.Attribute(attribute))
            .FirstOrDefault(found => found is not null);
}
