using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>
/// Finds the concrete types of an abstract type or interface. Searches the types that are nested in it, and the types
/// in the same namespace or outer type.
/// </summary>
internal static class StateCaseFinder
{
    // The limit stops the search, because a type can contain values of the same type.
    private const int MaxDepth = 2;

    public static EquatableArray<StateCase> Of(
        ITypeSymbol type, int depth, Func<INamedTypeSymbol, EquatableArray<StateMember>> membersOf)
    {
        if (depth > MaxDepth || !IsOpen(type))
            return default;
        IEnumerable<INamedTypeSymbol> beside = type.ContainingType is { } outer
            ? outer.GetTypeMembers()
            : type.ContainingNamespace.GetTypeMembers();
        return type.GetTypeMembers()
            .Concat(beside)
            .Where(found =>
                found is { IsAbstract: false, IsGenericType: false, TypeKind: TypeKind.Class or TypeKind.Struct }
            )
            .Where(found => IsKindOf(found, type) && IsVisible(found))
            .OrderByDescending(found => found.Depth())
            .Select(found => new StateCase(found.FullName(), Casing.Camel(found.Name), membersOf(found)))
            .ToEquatable();
    }

    private static bool IsOpen(ITypeSymbol type) => type is INamedTypeSymbol { IsGenericType: false }
        && type is { TypeKind: TypeKind.Interface } or { TypeKind: TypeKind.Class, IsAbstract: true }
        && type.Locations.Any(location => location.IsInSource);

    private static bool IsKindOf(INamedTypeSymbol found, ITypeSymbol type) => type.TypeKind == TypeKind.Interface
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
