using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;
using Millrace.Generators.Values;

namespace Millrace.Generators.Json;

/// <summary>Finds all types that a root type contains directly or indirectly, and determines their JSON.</summary>
internal sealed class JsonParser(Compilation compilation, ISymbol origin)
{
    private readonly Dictionary<string, JsonShape> _shapes = new(StringComparer.Ordinal);
    private readonly List<DiagnosticInfo> _problems = [];

    public static JsonGraph Parse(Compilation compilation, ISymbol origin, params ITypeSymbol[] roots)
    {
        var parser = new JsonParser(compilation, origin);
        JsonType? first = null;
        foreach (var root in roots)
        {
            var type = parser.Read(root, origin);
            first ??= type;
        }
        return new(first, parser._shapes.Values.ToEquatable(), parser._problems.Distinct().ToEquatable());
    }

    /// <summary>
    /// Returns the type as it is used at <paramref name="usage"/>, or null if JSON does not support it. The method
    /// reports the problem of an unsupported type.
    /// </summary>
    private JsonType? Read(ITypeSymbol type, ISymbol usage)
    {
        if (type.TypeKind == TypeKind.Error)
            return null; // The compiler reports the error.
        var name = type.FullName();
        var allowsNull = type.AllowsNull();
        if (type is INamedTypeSymbol
            {
                OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
                TypeArguments: [var underlying]
            }
        )
            return Read(underlying, usage) is { } item
                ? new(name, JsonShapeKind.Nullable, false, true, Item: item)
                : null;
        if (type.Attribute(MetadataNames.JsonConverter) is { } converter)
            return Custom(type, converter, usage);
        if (Primitive.Find(type) is { } primitive)
            return new(name, JsonShapeKind.Primitive, type.IsReferenceType, allowsNull, primitive);
        if (WrappedBy(type) is { } wrapped)
        {
            return ValueParser.IsEmitted(type, wrapped)
                ? new(name, JsonShapeKind.Wrapper, false, false, Primitive.Find(wrapped))
                {
                    AcceptsAnyText = ValueParser.AcceptsAnyText(type, wrapped),
                }
                : null; // The error is reported at the declaration of the type.
        }
        return ReadConstructed(type, usage, name, allowsNull);
    }

    private JsonType? ReadConstructed(ITypeSymbol type, ISymbol usage, string name, bool allowsNull)
    {
        if (!type.IsReachable(compilation))
            return Unsupported(type, usage, "it is private or file-local: make it internal or public");
        if (JsonCollections.FindList(type) is { } list)
        {
            if (Read(list.Item, usage) is not { } item)
                return null;
            var self = new JsonType(
                name, JsonShapeKind.List, type.IsReferenceType, allowsNull, Item: item, Detail: list.Kind);
            return Add(JsonShape.Of(self with { IsOpen = IsOpen(type) }));
        }
        if (JsonCollections.FindMap(type) is { } map)
            return ReadMap(type, map, usage, name, allowsNull);
        if (type.TypeKind == TypeKind.Enum)
            return ReadEnum((INamedTypeSymbol)type, name);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Interface } open
            && JsonDerivedTypes.HasAttributes(open))
            return ReadPolymorphic(open, usage, new(name, JsonShapeKind.Polymorphic, true, allowsNull));
        return type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } named && IsObject(named)
            ? ReadObject(
                named,
                usage,
                new(name, JsonShapeKind.Object, type.IsReferenceType, allowsNull) { IsOpen = IsOpen(type) }
            )
            : Unsupported(type, usage, "use a record, a collection, or a type with a [JsonConverter]");
    }

    private JsonType ReadEnum(INamedTypeSymbol type, string name)
    {
        if (JsonEnumParser.FindDuplicateText(type) is { } twice)
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonValueTwice, type.InSourceOr(origin), type.Name, twice));
        return Add(JsonEnumParser.Parse(type, name));
    }

    private JsonType? ReadMap(
        ITypeSymbol type,
        (string Kind, ITypeSymbol Key, ITypeSymbol Value) map,
        ISymbol usage,
        string name,
        bool allowsNull)
    {
        if (Read(map.Key, usage) is not { } key || Read(map.Value, usage) is not { } value)
            return null;
        var isKey =
            key.Form == JsonShapeKind.Enum
            || (key.Form is JsonShapeKind.Primitive or JsonShapeKind.Wrapper && key.Primitive!.IsWrappable);
        return isKey
            ? Add(
                JsonShape.Of(
                    new(
                        name,
                        JsonShapeKind.Map,
                        type.IsReferenceType,
                        allowsNull,
                        Item: value,
                        Key: key,
                        Detail: map.Kind)
                    {
                        IsOpen = IsOpen(type),
                    }
                )
            )
            : Unsupported(type, usage, "its keys must be strings, numbers, dates, ids, values or enumerations");
    }

    private JsonType ReadPolymorphic(INamedTypeSymbol type, ISymbol usage, JsonType self)
    {
        if (_shapes.ContainsKey(self.Name))
            return self;
        var derived = new JsonDerivedTypes(type, compilation);
        foreach (var problem in derived.Problems)
            _problems.Add(DiagnosticInfo.At(JsonDiagnostics.Derived, type.InSourceOr(origin), type.Display(), problem));
        var shape = JsonShape.Of(self with { AllowsNull = false }) with { HasError = true, HasDerivedTypes = true };
        _shapes[self.Name] = shape; // A placeholder, because derived types may contain the type.
        if (derived.Problems.Count > 0)
            return self;
        var variants = new List<JsonVariant>();
        foreach (var (variant, text, number) in derived.Variants)
        {
            var parsed = new JsonVariant(
                new(variant.FullName(), JsonShapeKind.Variant, variant.IsReferenceType, false, Detail: self.Name),
                text,
                number);
            var shapeType = parsed.Type;
            if (ReadObject((INamedTypeSymbol)variant, usage, shapeType, derived.Discriminator, parsed.Literal) is null)
                return self;
            variants.Add(parsed);
        }
        _shapes[self.Name] = shape with
        {
            HasError = false,
            Summary = Documentation.Of(type).Summary,
            Listed = new(derived.Discriminator, derived.IgnoresUnknown, variants.ToEquatable()),
        };
        return self;
    }

    private JsonType? ReadObject(
        INamedTypeSymbol type,
        ISymbol usage,
        JsonType self,
        string? discriminator = null,
        string? discriminatorValue = null)
    {
        var name = self.Form == JsonShapeKind.Variant ? self.Name + "|" + self.Detail : self.Name;
        if (_shapes.ContainsKey(name))
            return self;
        if (type.IsForbidden())
            return Unsupported(type, usage, "[Obsolete] makes its use an error: make it a warning");
        if (PlatformBase(type) is { } platformBase)
        {
            var fix =
                $"the content of {platformBase.Name} is unknown: store a {platformBase.Name} as a member, or write a "
                    + "[JsonConverter]";
            return Unsupported(type, usage, fix);
        }
        if (type.IsAbstract)
            return Unsupported(type, usage, "it is abstract: use a sealed record, or give it a [JsonConverter]");
        if (JsonConstructors.Choose(type, compilation) is not { } constructor)
        {
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonConstructor, type.InSourceOr(origin), type.Name));
            return null;
        }
        var check = new JsonMemberCheck(compilation, type, constructor, origin);
        if (check.Declared().ToList() is { Count: > 0 } problems)
        {
            _problems.AddRange(problems);
            _shapes[name] = JsonShape.Of(self with { AllowsNull = false }) with { HasError = true };
            return self;
        }
        // A placeholder while the members are parsed, because types may be recursive.
        var shape = JsonShape.Of(self with { AllowsNull = false }) with
        {
            ConstructorMayThrow = JsonConstructors.MayThrow(constructor),
            Discriminator = discriminator,
            DiscriminatorValue = discriminatorValue,
        };
        _shapes[name] = shape;
        var parser = new JsonMemberParser(compilation, type, constructor, discriminator is not null, Read, Custom);
        var members = parser.Parse();
        if (parser.InvalidExtra is { } bad)
            _problems.Add(
                DiagnosticInfo.At(UpcastDiagnostics.ExtraMember, bad.InSourceOr(origin), bad.Name, type.Name));
        foreach (var (member, fix) in parser.LostMembers)
            Unsupported(member.Type, member, fix);
        var unsetMembers = check.Required(parser.Extra is null ? members : members.Append(parser.Extra)).ToList();
        var isComplete = parser.IsComplete && parser.InvalidExtra is null;
        if (isComplete)
            _problems.AddRange(unsetMembers);
        foreach (var lost in isComplete ? UnserializedMemberCheck.Find(type, constructor, members, parser.Extra) : [])
            _problems.Add(DiagnosticInfo.At(Diagnostics.MemberNotStored, lost, lost.Name, type.Name));
        var duplicates = members.Select(member => member.JsonName).Concat(discriminator is null ? [] : [discriminator])
            .GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).ToList();
        foreach (var twice in duplicates)
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonTwice, type.InSourceOr(origin), type.Name, twice.Key));
        _shapes[name] =
            isComplete && duplicates.Count + unsetMembers.Count == 0
                ? shape with
                {
                    Members = members.ToEquatable(),
                    Summary = Documentation.Of(type).Summary,
                    Extra = parser.Extra,
                    OmitsData = UnserializedMemberCheck.OmitsData(type, members, parser.Extra),
                }
                : shape with { HasError = true };
        return self;
    }

    private JsonType? Custom(ITypeSymbol type, AttributeData attribute, ISymbol usage)
    {
        if (attribute is not { ConstructorArguments: [{ Value: INamedTypeSymbol converter }] })
            return null;
        var underlying = type.Underlying();
        if (!SymbolEqualityComparer.Default.Equals(underlying, type) && !JsonConverters.IsOf(converter, type))
        {
            return Custom(underlying, attribute, usage) is { } item
                ? new(type.FullName(), JsonShapeKind.Nullable, false, true, Item: item)
                : null;
        }
        if (JsonConverters.Problem(converter, type, compilation) is { } problem)
            return Unsupported(type, usage, problem);
        var shape = JsonShape.Of(JsonType.Custom(type) with { Detail = converter.FullName() });
        return Add(
            shape with
            {
                IsFactory = JsonConverters.IsFactory(converter),
                HasDerivedTypes = JsonDerivedTypes.HasAttributes(type),
            }
        );
    }

    private JsonType Add(JsonShape shape)
    {
        _shapes[shape.Type.Name + "|" + shape.Type.Detail] = shape with
        {
            Type = shape.Type with { AllowsNull = false },
        };
        return shape.Type;
    }

    private JsonType? Unsupported(ITypeSymbol type, ISymbol usage, string fix)
    {
        _problems.Add(
            DiagnosticInfo.At(Diagnostics.JsonUnsupported, usage.InSourceOr(origin), usage.Name, type.Display(), fix));
        return null;
    }

    /// <summary>Returns true if a value may be an instance of a derived class, which can have more members.</summary>
    private static bool IsOpen(ITypeSymbol type) => type is { TypeKind: TypeKind.Class, IsSealed: false };

    private static ITypeSymbol? WrappedBy(ITypeSymbol type)
    {
        var attribute = type.Attribute(MetadataNames.Id) ?? type.Attribute(MetadataNames.Value);
        return attribute?.AttributeClass is { TypeArguments: [var wrapped] } ? wrapped : null;
    }

    /// <summary>
    /// Returns the base class that belongs to the platform, or null if there is none. The state of such a class is
    /// private.
    /// </summary>
    private static INamedTypeSymbol? PlatformBase(INamedTypeSymbol type)
    {
        var level = type.BaseType;
        while (level is not null && !level.IsOfPlatform())
            level = level.BaseType;
        return level?.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType ? null : level;
    }

    /// <summary>
    /// Returns true if the members of a type are parsed. Only types of the application and of Millrace are parsed,
    /// because platform types have their own JSON or none.
    /// </summary>
    private static bool IsObject(INamedTypeSymbol type) => !type.IsTupleType && !type.IsOfPlatform();
}
