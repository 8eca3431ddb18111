using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>
/// The classes whose methods fold events for an aggregate or a projection: the class itself and those that it derives
/// from, up to the first that calls its methods itself.
/// </summary>
internal sealed class FoldLevels
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly List<INamedTypeSymbol> _levels = [];

    /// <summary>Finds the classes.</summary>
    /// <param name="type">The aggregate or projection.</param>
    /// <param name="root">The class of Millrace that it derives from.</param>
    /// <param name="mark">The attribute of classes that are given a <paramref name="dispatch"/>; null where bases have
    /// none.</param>
    /// <param name="dispatch">The method that calls the methods of a class.</param>
    /// <param name="compilation">The compilation.</param>
    public FoldLevels(INamedTypeSymbol type, string root, string? mark, string dispatch, Compilation compilation)
    {
        (_type, _compilation) = (type, compilation);
        for (var level = type; level is not null && !level.Is(root); level = level.BaseType)
        {
            var own = level
                .GetMembers(dispatch)
                .OfType<IMethodSymbol>()
                .FirstOrDefault(method => method.IsOverride && !method.IsAbstract);
            var isGiven =
                mark is not null && level.Attribute(mark) is not null && level.InSourceOr(type).Equals(level, Symbols);
            if (_levels.Count > 0 && (own is not null || isGiven))
            {
                (Owner, IsSealed) = (level, own is { IsSealed: true });
                break;
            }
            _levels.Add(level);
        }
    }

    /// <summary>The base class that calls its methods itself, which goes on for the class; null where there is
    /// none.</summary>
    public INamedTypeSymbol? Owner { get; }

    /// <summary>Whether what <see cref="Owner"/> calls cannot be extended.</summary>
    public bool IsSealed { get; }

    private static SymbolEqualityComparer Symbols => SymbolEqualityComparer.Default;

    /// <summary>The methods of a name, of the most derived class first.</summary>
    public IEnumerable<IMethodSymbol> Methods(string name) =>
        _levels.SelectMany(level => level.GetMembers(name).OfType<IMethodSymbol>());

    /// <summary>Whether a generated part of the class can call a method.</summary>
    public bool IsReachable(IMethodSymbol method) => _compilation.IsSymbolAccessibleWithin(method, _type, _type);

    /// <summary>Whether <see cref="Owner"/> calls it, because the method overrides one that it knows.</summary>
    public bool IsOwned(IMethodSymbol method) =>
        Owner is not null && !_levels.Contains(Declared(method).ContainingType, Symbols);

    /// <summary>
    /// A method that the compiler would choose instead for a call with an event: one of a more derived class, which
    /// takes a base of the event. Null where there is none.
    /// </summary>
    public IMethodSymbol? Instead(IMethodSymbol method, ITypeSymbol found)
    {
        var declaring = Declared(method).ContainingType;
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

    /// <summary>Where a fold is an interface's own, or an explicit implementation: it is not called.</summary>
    public IEnumerable<ISymbol> OfInterfaces(string name) =>
        from face in _type.AllInterfaces
        from method in face.GetMembers(name).OfType<IMethodSymbol>()
        where method.Parameters.Any(parameter => parameter.Type.Attribute(MetadataNames.Event) is not null)
        let implementation = _type.FindImplementationForInterfaceMember(method)
        where implementation?.Name != name || implementation.ContainingType.TypeKind == TypeKind.Interface
        select (implementation ?? method).InSourceOr(_type);

    private static IMethodSymbol Declared(IMethodSymbol method) =>
        method.OverriddenMethod is { } overridden ? Declared(overridden) : method;
}
