using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Finds members whose data would be lost, because it is neither written nor read.</summary>
internal static class UnserializedMemberCheck
{
    public static IEnumerable<ISymbol> Find(
        INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyList<JsonMember> stored, JsonMember? extra)
    {
        var names = new HashSet<string>(stored.Select(member => member.Name), StringComparer.Ordinal);
        if (extra is not null)
            names.Add(extra.Name);
        var readable = type.ReadableProperties().ToDictionary(property => property.Name, StringComparer.Ordinal);
        var storesNothing = stored.Count == 0 && extra is null;
        for (
            var level = type;
            level is not null && level.SpecialType != SpecialType.System_Object;
            level = level.BaseType)
        {
            foreach (var member in level.GetMembers())
            {
                var isStored = names.Contains(member.Name) && !IsHidden(member, readable);
                var isNotStored = !member.IsStatic && !isStored && !IsIgnored(member)
                    && member.Locations.Any(location => location.IsInSource);
                if (isNotStored && (HoldsState(member, level, type, constructor) || (storesNothing && IsField(member))))
                    yield return member;
            }
        }
    }

    /// <summary>
    /// Returns true if a member has data that is not in the JSON, also if the author wants this. A property without a
    /// setter and without a field is computed, and so has no data.
    /// </summary>
    public static bool OmitsData(INamedTypeSymbol type, IReadOnlyList<JsonMember> stored, JsonMember? extra)
    {
        var names = new HashSet<string>(stored.Select(member => member.Name), StringComparer.Ordinal);
        if (extra is not null)
            names.Add(extra.Name);
        for (
            var level = type;
            level is not null && level.SpecialType != SpecialType.System_Object;
            level = level.BaseType)
        {
            var hasData = level.GetMembers().Any(member => !member.IsStatic && !names.Contains(member.Name)
                && member switch
                {
                    // A private field usually contains the value of a stored property.
                    IFieldSymbol field =>
                        !field.IsImplicitlyDeclared && field.DeclaredAccessibility != Accessibility.Private,
                    IPropertySymbol { IsIndexer: false } property =>
                        property.SetMethod is not null || IsAutomatic(property, level),
                    _ => false,
                });
            if (hasData)
                return true;
        }
        return false;
    }

    private static bool HoldsState(
        ISymbol member, INamedTypeSymbol level, INamedTypeSymbol type, IMethodSymbol constructor) => member switch
        {
            IFieldSymbol field => !field.IsImplicitlyDeclared
                && (
                    field.DeclaredAccessibility == Accessibility.Public
                    || field.Attribute(MetadataNames.JsonInclude) is not null),
            IPropertySymbol { IsIndexer: false } property => IsAutomatic(property, level)
                && (property.SetMethod is not null
                    || CanChange(property.Type)
                    || property.Attribute(MetadataNames.JsonInclude) is not null
                    || (SymbolEqualityComparer.Default.Equals(level, type) && IsSetElsewhere(property, constructor))),
            _ => false,
        };

    /// <summary>
    /// Returns true if an attribute always excludes a member from the JSON. A condition alone is not enough.
    /// </summary>
    private static bool IsIgnored(ISymbol member) => member.Attribute(MetadataNames.JsonIgnore) is { } attribute
        && attribute.Named("Condition", (int)JsonIgnoreMode.Always) == (int)JsonIgnoreMode.Always;

    /// <summary>Returns true if a derived type declares the stored member with this name.</summary>
    private static bool IsHidden(ISymbol member, Dictionary<string, IPropertySymbol> readable)
    {
        readable.TryGetValue(member.Name, out var found);
        for (var stored = found; stored is not null; stored = stored.OverriddenProperty)
        {
            if (SymbolEqualityComparer.Default.Equals(stored, member))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Returns true for a declared field. When no member is stored, the fields are the only data of the type.
    /// </summary>
    private static bool IsField(ISymbol member) => member is IFieldSymbol { IsImplicitlyDeclared: false };

    /// <summary>Returns true if the value of a property without a setter can change. An example is a list.</summary>
    private static bool CanChange(ITypeSymbol type)
    {
        var kind = JsonCollections.FindList(type)?.Kind ?? JsonCollections.FindMap(type)?.Kind;
        return kind?.Split(':')[0] is JsonCollections.List or JsonCollections.New
            && !type.Name.StartsWith("IReadOnly", StringComparison.Ordinal);
    }

    private static bool IsAutomatic(IPropertySymbol property, INamedTypeSymbol level) =>
        level
            .GetMembers()
            .OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    /// <summary>
    /// Returns true if only constructors set a property, and the constructor for reading does not set it.
    /// </summary>
    private static bool IsSetElsewhere(IPropertySymbol property, IMethodSymbol constructor) =>
        !Sets(constructor, property)
        && property.ContainingType.InstanceConstructors.Any(other => Sets(other, property));

    private static bool Sets(IMethodSymbol constructor, IPropertySymbol property) =>
        constructor
            .DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
            .OfType<ConstructorDeclarationSyntax>()
            .Any(syntax =>
                syntax.Initializer?.ThisOrBaseKeyword.Text == "this"
                || syntax
                    .DescendantNodes()
                    .OfType<AssignmentExpressionSyntax>()
                    .Any(assignment => NameOf(assignment.Left) == property.Name));

    private static string? NameOf(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } access => access.Name.Identifier.ValueText,
        _ => null,
    };
}
