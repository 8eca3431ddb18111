using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Finds every type that a root reaches, and how each is read and written.</summary>
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

    /// <summary>The type as a place sees it; null when JSON cannot hold it, which is reported at <paramref name="place"/>.</summary>
    private JsonType? Read(ITypeSymbol type, ISymbol place)
    {
        if (type.TypeKind == TypeKind.Error)
            return null; // The compiler reports it.
        var name = type.FullName();
        var allowsNull = type.AllowsNull();
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var underlying] })
            return Read(underlying, place) is { } item ? new(name, JsonForm.Nullable, false, true, Item: item) : null;
        if (type.Attribute(Known.JsonConverter) is { } converter)
            return Custom(JsonType.Custom(type), converter, place);
        if (Primitive.Find(type) is { } primitive)
            return new(name, JsonForm.Primitive, type.IsReferenceType, allowsNull, primitive);
        if (WrappedBy(type) is { } wrapped)
        {
            return ValueParser.IsEmitted(type, wrapped)
                ? new(name, JsonForm.Wrapper, false, false, Primitive.Find(wrapped))
                : null; // It was refused where it is declared.
        }
        return ReadConstructed(type, place, name, allowsNull);
    }

    private JsonType? ReadConstructed(ITypeSymbol type, ISymbol place, string name, bool allowsNull)
    {
        if (!type.IsReachable(compilation))
            return Unsupported(type, place, "it is private, or of one file alone: make it internal or public");
        if (JsonCollections.FindList(type) is { } list)
        {
            return Read(list.Item, place) is { } item
                ? Add(JsonShape.Of(new(name, JsonForm.List, type.IsReferenceType, allowsNull, Item: item, Detail: list.Kind)))
                : null;
        }
        if (JsonCollections.FindMap(type) is { } map)
            return ReadMap(type, map, place, name, allowsNull);
        if (type.TypeKind == TypeKind.Enum)
            return ReadEnum((INamedTypeSymbol)type, name);
        return type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } named && IsObject(named)
            ? ReadObject(named, place, name, allowsNull)
            : Unsupported(type, place, "use a record, a collection, or a type with a [JsonConverter]");
    }

    private JsonType ReadEnum(INamedTypeSymbol type, string name)
    {
        if (JsonEnumParser.Double(type) is { } twice)
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonValueTwice, type.InSourceOr(origin), type.Name, twice));
        return Add(JsonEnumParser.Parse(type, name));
    }

    private JsonType? ReadMap(
        ITypeSymbol type, (string Kind, ITypeSymbol Key, ITypeSymbol Value) map, ISymbol place, string name, bool allowsNull)
    {
        if (Read(map.Key, place) is not { } key || Read(map.Value, place) is not { } value)
            return null;
        var isKey = key.Form == JsonForm.Enum || (key.Form is JsonForm.Primitive or JsonForm.Wrapper && key.Primitive!.IsWrappable);
        return isKey
            ? Add(JsonShape.Of(new(name, JsonForm.Map, type.IsReferenceType, allowsNull, Item: value, Key: key, Detail: map.Kind)))
            : Unsupported(type, place, "its keys must be texts, numbers, dates, ids, values or enumerations");
    }

    private JsonType? ReadObject(INamedTypeSymbol type, ISymbol place, string name, bool allowsNull)
    {
        var self = new JsonType(name, JsonForm.Object, type.IsReferenceType, allowsNull);
        if (_shapes.ContainsKey(name))
            return self;
        if (type.IsAbstract)
            return Unsupported(type, place, "it is abstract: use a sealed record, or give it a [JsonConverter]");
        if (JsonConstructors.Choose(type, compilation) is not { } constructor)
        {
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonConstructor, type.InSourceOr(origin), type.Name));
            return null;
        }
        // Holds the place while its members are read: types may be recursive.
        var shape = JsonShape.Of(self with { AllowsNull = false }) with { ConstructorMayRefuse = JsonConstructors.MayRefuse(constructor) };
        _shapes[name] = shape;
        var parser = new JsonMemberParser(compilation, type, constructor, Read, Custom);
        var members = parser.Parse();
        if (parser.BadExtra is { } bad)
            _problems.Add(DiagnosticInfo.At(Diagnostics.ExtraMember, bad.InSourceOr(origin), bad.Name, type.Name));
        foreach (var (member, cure) in parser.Refused)
            Unsupported(member.Type, member, cure);
        var isWhole = parser.IsComplete && parser.BadExtra is null;
        foreach (var lost in isWhole ? JsonUnstored.Find(type, constructor, members, parser.Extra) : [])
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonUnstored, lost, lost.Name, type.Name));
        var doubles = members.GroupBy(member => member.JsonName, StringComparer.Ordinal).Where(group => group.Count() > 1).ToList();
        foreach (var twice in doubles)
            _problems.Add(DiagnosticInfo.At(Diagnostics.JsonTwice, type.InSourceOr(origin), type.Name, twice.Key));
        _shapes[name] = isWhole && doubles.Count == 0
            ? shape with { Members = members.ToEquatable(), Summary = Documentation.Of(type).Summary, Extra = parser.Extra }
            : shape with { IsRefused = true };
        return self;
    }

    private JsonType? Custom(JsonType type, AttributeData attribute, ISymbol place)
    {
        if (attribute is not { ConstructorArguments: [{ Value: INamedTypeSymbol converter }] })
            return null;
        if (!converter.IsReachable(compilation))
            return Unsupported(converter, place, "the converter is private: make it internal or public");
        var shape = JsonShape.Of(type with { Form = JsonForm.Custom, Detail = converter.FullName() });
        return Add(shape with { IsFactory = converter.Base("System.Text.Json.Serialization.JsonConverterFactory") is not null });
    }

    private JsonType Add(JsonShape shape)
    {
        _shapes[shape.Type.Name + "|" + shape.Type.Detail] = shape with { Type = shape.Type with { AllowsNull = false } };
        return shape.Type;
    }

    private JsonType? Unsupported(ITypeSymbol type, ISymbol place, string cure)
    {
        _problems.Add(DiagnosticInfo.At(Diagnostics.JsonUnsupported, place.InSourceOr(origin), place.Name, type.Display(), cure));
        return null;
    }

    private static ITypeSymbol? WrappedBy(ITypeSymbol type)
    {
        var attribute = type.Attribute(Known.Id) ?? type.Attribute(Known.Value);
        return attribute?.AttributeClass is { TypeArguments: [var wrapped] } ? wrapped : null;
    }

    /// <summary>Types of the platform have JSON of their own or none; only the application's and Millrace's are taken apart.</summary>
    private static bool IsObject(INamedTypeSymbol type) => !type.IsTupleType && !type.IsOfPlatform();
}
