using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>
/// Finds the concrete types of an abstract type or interface. It searches the nested types of the abstract type or
/// interface, and the types in the same namespace or outer type.
/// </summary>
internal static class StateCaseFinder
{
    // The limit stops the search, because a type can contain values of the same type.
    private const int MaxDepth = 2;

    public static EquatableArray<StateCase> Of(
        ITypeSymbol type, int depth, Func<INamedTypeSymbol, EquatableArray<StateMember>> membersOf)
    {
        if (depth > MaxDepth || !MayHaveCases(type))
            return default;
        IEnumerable<INamedTypeSymbol> siblings = type.ContainingType is { } outer
            ? outer.GetTypeMembers()
            : type.ContainingNamespace.GetTypeMembers();
        return type.GetTypeMembers()
            .Concat(siblings)
            .Where(found =>
                found is { IsAbstract: false, IsGenericType: false, TypeKind: TypeKind.Class or TypeKind.Struct }
            )
            .Where(found => IsDerivedFrom(found, type) && IsVisible(found))
            .OrderByDescending(found => found.Depth())
            .Select(found => new StateCase(found.FullName(), Casing.Camel(found.Name), membersOf(found)))
            .ToEquatable();
    }

    private static bool MayHaveCases(ITypeSymbol type) => type is INamedTypeSymbol { IsGenericType: false }
        && type is { TypeKind: TypeKind.Interface } or { TypeKind: TypeKind.Class, IsAbstract: true }
        && type.Locations.Any(location => location.IsInSource);

    private static bool IsDerivedFrom(INamedTypeSymbol found, ITypeSymbol type) => type.TypeKind == TypeKind.Interface
        ? found.AllInterfaces.Contains(type, SymbolEqualityComparer.Default)
        : BasesOf(found).Contains(type, SymbolEqualityComparer.Default);

    private static IEnumerable<ITypeSymbol> BasesOf(ITypeSymbol type)
    {
        for (var level = type.BaseType; level is not null; level = level.BaseType)
            yield return level;
    }

    private static bool IsVisible(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            if (level.DeclaredAccessibility
                is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
                return false;
        }
        return true;
    }
}
