using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>Finds members that hold something which is neither written nor read, so that it is gone when the object comes back.</summary>
internal static class JsonUnstored
{
    public static IEnumerable<ISymbol> Find(
        INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyList<JsonMember> stored, JsonMember? extra)
    {
        var names = new HashSet<string>(stored.Select(member => member.Name), StringComparer.Ordinal);
        if (extra is not null)
            names.Add(extra.Name);
        for (var level = type; level is not null && level.SpecialType != SpecialType.System_Object; level = level.BaseType)
        {
            foreach (var member in level.GetMembers())
            {
                var isLeftOut = !member.IsStatic && !names.Contains(member.Name) && member.Attribute(Known.JsonIgnore) is null
                    && member.Locations.Any(location => location.IsInSource);
                if (isLeftOut && HoldsState(member, level, type, constructor))
                    yield return member;
            }
        }
    }

    private static bool HoldsState(
        ISymbol member, INamedTypeSymbol level, INamedTypeSymbol type, IMethodSymbol constructor) => member switch
        {
            IFieldSymbol field => !field.IsImplicitlyDeclared
                && (field.DeclaredAccessibility == Accessibility.Public || field.Attribute(Known.JsonInclude) is not null),
            IPropertySymbol { IsIndexer: false } property => IsAutomatic(property, level)
                && (property.SetMethod is not null
                    || property.Attribute(Known.JsonInclude) is not null
                    || (SymbolEqualityComparer.Default.Equals(level, type) && IsSetElsewhere(property, constructor))),
            _ => false,
        };

    private static bool IsAutomatic(IPropertySymbol property, INamedTypeSymbol level) => level.GetMembers().OfType<IFieldSymbol>()
        .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    /// <summary>Whether a property that only a constructor can set is set by another than the one that it is read with.</summary>
    private static bool IsSetElsewhere(IPropertySymbol property, IMethodSymbol constructor) =>
        !Sets(constructor, property) && property.ContainingType.InstanceConstructors.Any(other => Sets(other, property));

    private static bool Sets(IMethodSymbol constructor, IPropertySymbol property) => constructor.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax())
        .OfType<ConstructorDeclarationSyntax>()
        .Any(syntax => syntax.Initializer?.ThisOrBaseKeyword.Text == "this" || syntax.DescendantNodes()
            .OfType<AssignmentExpressionSyntax>()
            .Any(assignment => NameOf(assignment.Left) == property.Name));

    private static string? NameOf(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } access => access.Name.Identifier.Text,
        _ => null,
    };
}
