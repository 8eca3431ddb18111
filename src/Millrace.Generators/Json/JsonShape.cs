using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Specifies how a type is read and written.</summary>
internal enum JsonShapeKind
{
    Primitive,
    Wrapper,
    Enum,
    Object,
    Nullable,
    List,
    Map,
    Custom,

    /// <summary>One of several objects, with a discriminator member.</summary>
    Polymorphic,

    /// <summary>One of those objects.</summary>
    Variant,
}

/// <summary>A type in its context.</summary>
/// <param name="Name">The full name, without its own <c>?</c>.</param>
/// <param name="Form">How it is read and written.</param>
/// <param name="IsReference">True for a reference type.</param>
/// <param name="AllowsNull">True when null is a valid value.</param>
/// <param name="Primitive">The primitive that it is or wraps.</param>
/// <param name="Item">The type of its items or values, or the inner type of a nullable.</param>
/// <param name="Key">The type of its keys.</param>
/// <param name="Detail">For a collection, its kind; for a custom converter, its name; for flags, a marker; for a
/// variant, its base type.</param>
internal sealed record JsonType(
    string Name,
    JsonShapeKind Form,
    bool IsReference,
    bool AllowsNull,
    Primitive? Primitive = null,
    JsonType? Item = null,
    JsonType? Key = null,
    string Detail = "")
{
    /// <summary>The detail of flags, whose values are numbers that can be combined.</summary>
    public const string Flags = "Flags";

    /// <summary>
    /// Gets whether a value may be of a derived class, with members that its converter does not know.
    /// </summary>
    public bool IsOpen { get; init; }

    /// <summary>A type with a custom converter.</summary>
    public static JsonType Custom(ITypeSymbol type) =>
        new(type.FullName(), JsonShapeKind.Custom, type.IsReferenceType, type.AllowsNull());
}

/// <summary>Specifies when the value of a member is set while its type is created.</summary>
internal enum MemberTarget
{
    /// <summary>An argument of the constructor.</summary>
    Constructor,

    /// <summary>The object initializer.</summary>
    Initializer,

    /// <summary>The value is set after creation if it is present, because the member has an initializer.</summary>
    Setter,

    /// <summary>Like the previous value, for a member that only the initializer may set.</summary>
    InitAccessor,

    /// <summary>The value is not set, because the member is only written.</summary>
    None,
}

/// <summary>A member of an object.</summary>
/// <param name="Name">The name in C#.</param>
/// <param name="JsonName">The name in JSON.</param>
/// <param name="Type">The type.</param>
/// <param name="Target">Where its value is set.</param>
/// <param name="IsRequired">True when its absence is an error.</param>
/// <param name="Parameter">The name of the constructor parameter, if any.</param>
/// <param name="Default">The value when absent, as code.</param>
/// <param name="Declaring">The type that declares it.</param>
internal sealed record JsonMember(
    string Name,
    string JsonName,
    JsonType Type,
    MemberTarget Target,
    bool IsRequired,
    string? Parameter,
    string Default,
    string Declaring)
{
    /// <summary>Gets the text of its documentation.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// Gets whether it is not written if it has its type's default, which it also has when it is absent.
    /// </summary>
    public bool LeavesOutDefault { get; init; }

    /// <summary>Gets whether null is written, because its value would differ when it is absent.</summary>
    public bool WritesNull { get; init; }

    /// <summary>Gets whether the compiler requires it in the initializer, although the constructor sets it.</summary>
    public bool IsSetAgain { get; init; }

    /// <summary>Gets the accessor of its setter when its type is generic and the setter is inaccessible.</summary>
    public GenericSetter? Generic { get; init; }
}

/// <summary>A value of an enumeration.</summary>
internal sealed record JsonEnumValue(string Name, string JsonName, bool IsAlias)
{
    /// <summary>Gets the number.</summary>
    public string Number { get; init; } = "";

    /// <summary>Gets whether code that uses it does not compile.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>Gets whether its text is escaped in JSON.</summary>
    public bool IsEscaped => JsonName.Any(letter => letter > '~' || letter < ' ' || "\"\\<>&'+`".IndexOf(letter) >= 0);

    /// <summary>The value as code.</summary>
    public string Of(string type) => IsForbidden ? $"({type})({Number})" : $"{type}.{Casing.Escaped(Name)}";
}

/// <summary>All data for the converter of one type.</summary>
internal sealed record JsonShape(
    JsonType Type,
    EquatableArray<JsonMember> Members,
    EquatableArray<JsonEnumValue> Values,
    EquatableArray<string> Derived,
    bool IsFlags,
    bool ConstructorMayThrow,
    bool IsFactory)
{
    /// <summary>Gets the text of its documentation.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets whether it has an error, so only a placeholder is written.</summary>
    public bool IsRefused { get; init; }

    /// <summary>
    /// Gets whether it has attributes for derived types. Metadata with a custom converter must not have them.
    /// </summary>
    public bool HasDerivedTypes { get; init; }

    /// <summary>Gets the derived types with their discriminator, or null if it lists none.</summary>
    public JsonPolymorphism? Listed { get; init; }

    /// <summary>For a variant, the name of the discriminator member.</summary>
    public string? Discriminator { get; init; }

    /// <summary>For a variant, the discriminator as code; null when it is not written.</summary>
    public string? Mark { get; init; }

    /// <summary>Gets the member for unknown members, or null if they are ignored.</summary>
    public JsonMember? Extra { get; init; }

    public static JsonShape Of(JsonType type) =>
        new(
            type,
            EquatableArray<JsonMember>.Empty,
            EquatableArray<JsonEnumValue>.Empty,
            EquatableArray<string>.Empty,
            false,
            false,
            false);
}

/// <summary>A type that requires JSON, with all types that it reaches.</summary>
internal sealed record JsonGraph(
    JsonType? Root, EquatableArray<JsonShape> Shapes, EquatableArray<DiagnosticInfo> Problems)
{
    public static JsonGraph Empty { get; } =
        new(null, EquatableArray<JsonShape>.Empty, EquatableArray<DiagnosticInfo>.Empty);
}
