using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>Chooses the constructor that a type is read with.</summary>
internal static class JsonConstructors
{
    /// <summary>The one marked <c>[JsonConstructor]</c>, else that with the most parameters that are all members.</summary>
    public static IMethodSymbol? Choose(INamedTypeSymbol type, Compilation compilation)
    {
        var candidates = type.InstanceConstructors.Where(made => made.IsReachable(compilation) && !IsCopy(made)).ToList();
        if (candidates.FirstOrDefault(constructor => constructor.Attribute(Known.JsonConstructor) is not null) is { } marked)
            return marked;
        var properties = type.ReadableProperties().ToList();
        return candidates
            .Where(constructor => constructor.Parameters.All(parameter => Property(parameter, properties) is not null))
            .OrderByDescending(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .ThenByDescending(constructor => constructor.Parameters.Length)
            .FirstOrDefault();
    }

    /// <summary>The member that a parameter becomes: of the same type, and of the same name but for case.</summary>
    public static IPropertySymbol? Property(IParameterSymbol parameter, IReadOnlyList<IPropertySymbol> properties)
    {
        var fitting = properties.Where(property => SymbolEqualityComparer.Default.Equals(property.Type, parameter.Type)).ToList();
        return fitting.FirstOrDefault(property => property.Name == parameter.Name)
            ?? fitting.FirstOrDefault(property => string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a constructor may throw: one that is written out, or whose members are initialized by code.</summary>
    public static bool MayRefuse(IMethodSymbol constructor) => constructor.Parameters.Length > 0
        && constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is var syntax
        && (syntax is not TypeDeclarationSyntax type
            || type.Members.OfType<PropertyDeclarationSyntax>().Any(property => property.Initializer is not null)
            || type.Members.OfType<FieldDeclarationSyntax>().Any(field => !field.Modifiers.Any(word => word.Text is "static" or "const")));

    private static bool IsCopy(IMethodSymbol constructor) =>
        constructor.Parameters is [var only] && SymbolEqualityComparer.Default.Equals(only.Type, constructor.ContainingType);
}
