using Microsoft.CodeAnalysis;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators.Aggregates;

/// <summary>Parses the state of an aggregate, including private fields, or of a decider.</summary>
internal sealed class StateParser
{
    private const int MaxDepth = 6;
    private const string PairType = "System.Collections.Generic.KeyValuePair`2";

    /// <summary>
    /// The maximum number of parts (nested values) of a field. Without a limit, types that contain each other would be
    /// repeated too often.
    /// </summary>
    private const int MaxParts = 500;

    private int _depthLimit;
    private int _parts;

    private StateParser()
    {
    }

    public static EquatableArray<StateMember> Parse(INamedTypeSymbol aggregate)
    {
        var members = new List<StateMember>();
        for (var level = aggregate; level is not null && !level.Is(MetadataNames.Aggregate); level = level.BaseType)
        {
            foreach (var field in level.GetMembers().OfType<IFieldSymbol>())
            {
                var stateMember = (ISymbol?)(field.AssociatedSymbol as IPropertySymbol) ?? field;
                var isReachable = level.Equals(aggregate, SymbolEqualityComparer.Default)
                    || stateMember.DeclaredAccessibility != Accessibility.Private;
                if (field.IsStatic || stateMember.IsImplicitlyDeclared || !isReachable || HasNoState(field.Type))
                    continue;
                var name = Casing.Camel(stateMember.Name.TrimStart('_'));
                if (name.Length > 0 && members.TrueForAll(member => member.JsonName != name))
                    members.Add(new(stateMember.Name, name, new StateParser().NodeOf(field.Type)));
            }
        }
        return members.ToEquatable();
    }

    /// <summary>Parses the state of a decider.</summary>
    public static StateNode ParseValue(ITypeSymbol state) => new StateParser().NodeOf(state) with { MayBeNull = false };

    /// <summary>Returns the inner type of an id or value, or null for other types.</summary>
    public static ITypeSymbol? Wrapped(ITypeSymbol type) =>
        (type.Attribute(MetadataNames.Id) ?? type.Attribute(MetadataNames.Value))?.AttributeClass
            is { TypeArguments: [var wrapped] }
            ? wrapped
            : null;

    private static bool HasNoState(ITypeSymbol type) =>
        type.TypeKind is TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer or TypeKind.Error;

    /// <summary>
    /// Parses as many levels of nested members as <see cref="MaxParts"/> allows. The depth is the same for all members.
    /// </summary>
    private StateNode NodeOf(ITypeSymbol type)
    {
        for (_depthLimit = MaxDepth; ; _depthLimit--)
        {
            _parts = 0;
            var node = NodeOf(type, 0);
            if (_parts <= MaxParts || _depthLimit == 1)
                return node;
        }
    }

    private StateNode NodeOf(ITypeSymbol type, int depth)
    {
        if (type is INamedTypeSymbol
            {
                OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
                TypeArguments: [var underlying]
            }
        )
            return new(StateNodeKind.Nullable, true, Item: NodeOf(underlying, depth));
        var isReference = !type.IsValueType;
        if (++_parts > MaxParts)
            return new(StateNodeKind.Text, isReference);
        if (Primitive.Find(type) is { } primitive)
            return new(StateNodeKind.Primitive, isReference, Primitive: primitive);
        if (Wrapped(type) is { } wrapped)
        {
            return ValueParser.IsEmitted(type, wrapped)
                ? new(StateNodeKind.Wrapper, false, HasDefault: true, Primitive: Primitive.Find(wrapped))
                : new(StateNodeKind.Text, isReference); // The error is reported at the declaration.
        }
        if (type.TypeKind == TypeKind.Enum)
            return new(StateNodeKind.Enum, false);
        if (depth == _depthLimit)
            return new(StateNodeKind.Text, isReference);
        var hasDefault = type.Is("System.Collections.Immutable.ImmutableArray`1");
        if (ItemOf(type) is { } item)
        {
            return item is INamedTypeSymbol { TypeArguments: [_, var value] } && item.Is(PairType)
                ? new(StateNodeKind.Map, isReference, hasDefault, Item: NodeOf(value, depth + 1))
                : new(StateNodeKind.List, isReference, hasDefault, Item: NodeOf(item, depth + 1));
        }
        var cases = StateCaseFinder.Of(type, depth, found => MembersOf(found, depth + 1));
        if (cases.Count > 0)
            return new(StateNodeKind.Cases, isReference) { Cases = cases };
        var members = MembersOf(type, depth + 1);
        return members.Count == 0
            ? new(StateNodeKind.Text, isReference)
            : new(StateNodeKind.Object, isReference, Members: members);
    }

    private static ITypeSymbol? ItemOf(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => array.ElementType,
        _ => type.Interface("System.Collections.Generic.IEnumerable`1") is { TypeArguments: [var item] } ? item : null,
    };

    private EquatableArray<StateMember> MembersOf(ITypeSymbol type, int depth)
    {
        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            return tuple
                .TupleElements.Select(element => new StateMember(
                    element.Name, Casing.Camel(element.Name), NodeOf(element.Type, depth)))
                .ToEquatable();
        }
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || (type.IsOfPlatform() && !type.Is(PairType)))
            return default; // Members of platform types may block or throw, so their text is used.
        return type.ReadableProperties()
            .Where(property => IsStored(property) && !HasNoState(property.Type) && !property.Type.IsRefLikeType)
            .Select(property => new StateMember(
                property.Name, Casing.Camel(property.Name), NodeOf(property.Type, depth)))
            .ToEquatable();
    }

    /// <summary>
    /// Returns true if a property only returns a field. Properties of other assemblies are assumed to do so.
    /// </summary>
    private static bool IsStored(IPropertySymbol property) =>
        !property.Locations.Any(location => location.IsInSource)
        || property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => property.Equals(field.AssociatedSymbol, SymbolEqualityComparer.Default));
}
