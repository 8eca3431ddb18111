using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Folds;

/// <summary>
/// The classes whose methods fold events for an aggregate or a projection: the class itself and its base classes, up to
/// the first with its own dispatch.
/// </summary>
internal sealed class FoldLevels
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly List<INamedTypeSymbol> _levels = [];

    /// <summary>Finds the classes.</summary>
    /// <param name="type">The aggregate or projection.</param>
    /// <param name="root">The Millrace base class.</param>
    /// <param name="attribute">The attribute of classes with a generated <paramref name="dispatch"/>, or null if base
    /// classes have none.</param>
    /// <param name="dispatch">The method that calls the methods of a class.</param>
    /// <param name="compilation">The compilation.</param>
    public FoldLevels(INamedTypeSymbol type, string root, string? attribute, string dispatch, Compilation compilation)
    {
        (_type, _compilation) = (type, compilation);
        for (var level = type; level is not null && !level.Is(root); level = level.BaseType)
        {
            var declared = level
                .GetMembers(dispatch)
                .OfType<IMethodSymbol>()
                .FirstOrDefault(method => method.IsOverride && !method.IsAbstract);
            var hasGenerated =
                attribute is not null
                    && level.Attribute(attribute) is not null
                    && level.InSourceOr(type).Equals(level, Symbols);
            if (_levels.Count > 0 && (declared is not null || hasGenerated))
            {
                (Owner, IsSealed) = (level, declared is { IsSealed: true });
                break;
            }
            _levels.Add(level);
        }
    }

    /// <summary>Gets the nearest base class with its own dispatch, or null if there is none.</summary>
    public INamedTypeSymbol? Owner { get; }

    /// <summary>Gets whether the dispatch of <see cref="Owner"/> cannot be extended.</summary>
    public bool IsSealed { get; }

    private static SymbolEqualityComparer Symbols => SymbolEqualityComparer.Default;

    /// <summary>Returns the methods with a name, most derived class first.</summary>
    public IEnumerable<IMethodSymbol> Methods(string name) =>
        _levels.SelectMany(level => level.GetMembers(name).OfType<IMethodSymbol>());

    /// <summary>Returns true if generated code of the class can call a method.</summary>
    public bool IsReachable(IMethodSymbol method) => _compilation.IsSymbolAccessibleWithin(method, _type, _type);

    /// <summary>
    /// Returns true if <see cref="Owner"/> calls a method, because the method overrides a method of that class.
    /// </summary>
    public bool IsOwned(IMethodSymbol method) =>
        Owner is not null && !_levels.Contains(Original(method).ContainingType, Symbols);

    /// <summary>
    /// Returns the method that the compiler would call for an event instead of the given method. The returned method
    /// belongs to a more derived class and takes a base type of the event. Returns null if there is no such method.
    /// </summary>
    public IMethodSymbol? FindPreferred(IMethodSymbol method, ITypeSymbol found)
    {
        var declaring = Original(method).ContainingType;
        return _levels.TakeWhile(level => !Symbols.Equals(level, declaring))
            .SelectMany(level => level.GetMembers(method.Name).OfType<IMethodSymbol>())
            .FirstOrDefault(other =>
                !other.IsOverride
                && other.Parameters.Any(parameter =>
                    !Symbols.Equals(parameter.Type, found)
                    && parameter.Type.SpecialType != SpecialType.System_Object
                    && !parameter.Type.Is(MetadataNames.RecordedEvent)
                    && _compilation.HasImplicitConversion(found, parameter.Type)));
    }

    /// <summary>
    /// Returns the interface methods and explicit implementations with a name, which generated code does not call.
    /// </summary>
    public IEnumerable<ISymbol> OfInterfaces(string name) =>
        from interfaceType in _type.AllInterfaces
        from method in interfaceType.GetMembers(name).OfType<IMethodSymbol>()
        where method.Parameters.Any(parameter => parameter.Type.Attribute(MetadataNames.Event) is not null)
        let implementation = _type.FindImplementationForInterfaceMember(method)
        where implementation?.Name != name || implementation.ContainingType.TypeKind == TypeKind.Interface
        select (implementation ?? method).InSourceOr(_type);

    private static IMethodSymbol Original(IMethodSymbol method) =>
        method.OverriddenMethod is { } overridden ? Original(overridden) : method;
}
