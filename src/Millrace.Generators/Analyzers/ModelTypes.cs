using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Analyzers;

/// <summary>Finds the types of Millrace in a compilation, and checks how other types use them.</summary>
internal sealed class ModelTypes
{
    private readonly INamedTypeSymbol _event;
    private readonly INamedTypeSymbol? _aggregate;
    private readonly INamedTypeSymbol? _projection;
    private readonly INamedTypeSymbol? _decider;
    private readonly INamedTypeSymbol? _command;
    private readonly INamedTypeSymbol? _query;
    private readonly INamedTypeSymbol? _upcast;
    private readonly INamedTypeSymbol? _kpi;

    private ModelTypes(Compilation compilation, INamedTypeSymbol @event)
    {
        _event = @event;
        _aggregate = compilation.GetTypeByMetadataName(MetadataNames.Aggregate);
        _projection = compilation.GetTypeByMetadataName(MetadataNames.ProjectionBase);
        _decider = compilation.GetTypeByMetadataName(MetadataNames.Decider);
        _command = compilation.GetTypeByMetadataName(MetadataNames.Command);
        _query = compilation.GetTypeByMetadataName(MetadataNames.Query);
        _upcast = compilation.GetTypeByMetadataName(MetadataNames.Upcast);
        _kpi = compilation.GetTypeByMetadataName(MetadataNames.Kpi);
        CancellationToken = compilation.GetTypeByMetadataName(MetadataNames.CancellationToken);
        TimeProvider = compilation.GetTypeByMetadataName(MetadataNames.TimeProvider);
    }

    public INamedTypeSymbol? CancellationToken { get; }

    public INamedTypeSymbol? TimeProvider { get; }

    /// <summary>Returns the types, or null if the compilation does not reference Millrace.</summary>
    public static ModelTypes? Find(Compilation compilation) =>
        compilation.GetTypeByMetadataName(MetadataNames.Event) is { } found ? new(compilation, found) : null;

    /// <summary>Returns the <c>[Event]</c> of a type, or null if there is none.</summary>
    public AttributeData? EventOf(ITypeSymbol type) => Attribute(type, _event);

    public bool IsEvent(ITypeSymbol? type) => type is not null && EventOf(type) is not null;

    public bool IsAggregate(ITypeSymbol? type) => Derives(type, _aggregate);

    public bool IsProjection(ITypeSymbol? type) => Derives(type, _projection);

    /// <summary>Returns the document type of a projection, or null for other types.</summary>
    public static ITypeSymbol? DocumentOf(ITypeSymbol type) =>
        type.Base(MetadataNames.ProjectionBase) is { TypeArguments: [_, var document] } ? document : null;

    /// <summary>Returns the state type of a decider, or null for other types.</summary>
    public ITypeSymbol? StateOf(ITypeSymbol type) =>
        !IsDecider(type)
            ? null
            : type.GetMembers("Initial").FirstOrDefault() switch
            {
                IFieldSymbol field => field.Type,
                IPropertySymbol property => property.Type,
                IMethodSymbol method => method.ReturnType,
                _ => null,
            };

    public bool IsDecider(ITypeSymbol? type) => type is not null && Attribute(type, _decider) is not null;

    public bool IsKpi(ITypeSymbol? type) => type is not null && Attribute(type, _kpi) is not null;

    public bool IsUpcaster(IMethodSymbol method) => Attribute(method, _upcast) is not null;

    public bool IsCommand(ITypeSymbol? type) => Implements(type, _command);

    public bool IsQuery(ITypeSymbol? type) => Implements(type, _query);

    /// <summary>Returns true if a method handles a command.</summary>
    public bool IsCommandHandler(IMethodSymbol method) => IsHandler(method) && IsCommand(method.Parameters[0].Type);

    /// <summary>Returns true if a method handles a query.</summary>
    public bool IsQueryHandler(IMethodSymbol method) => IsHandler(method) && IsQuery(method.Parameters[0].Type);

    /// <summary>Returns true if a method is the <c>Decide</c> method of a decider.</summary>
    public bool IsDecide(IMethodSymbol method) =>
        method is { Name: "Decide", IsStatic: true } && IsDecider(method.ContainingType);

    public bool IsTimeProvider(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type, TimeProvider);

    public bool IsCancellationToken(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type, CancellationToken);

    private static bool IsHandler(IMethodSymbol method) =>
        method is { Name: "Handle", IsStatic: true, Parameters.Length: > 0 };

    private static AttributeData? Attribute(ISymbol symbol, INamedTypeSymbol? attribute)
    {
        if (attribute is null)
            return null;
        foreach (var found in symbol.GetAttributes())
        {
            if (SymbolEqualityComparer.Default.Equals(found.AttributeClass, attribute))
                return found;
        }
        return null;
    }

    private static bool Derives(ITypeSymbol? type, INamedTypeSymbol? baseType)
    {
        for (var current = type?.BaseType; current is not null && baseType is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, baseType))
                return true;
        }
        return false;
    }

    private static bool Implements(ITypeSymbol? type, INamedTypeSymbol? interfaceType)
    {
        if (type is null || interfaceType is null)
            return false;
        foreach (var found in type.AllInterfaces)
        {
            if (SymbolEqualityComparer.Default.Equals(found.OriginalDefinition, interfaceType))
                return true;
        }
        return false;
    }
}
